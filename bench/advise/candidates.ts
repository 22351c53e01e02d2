import { labelRate, parseSize, type Scenario } from "../scenario/mod.ts";

/** A setting to try: what it is about, and what it sets. */
export interface Candidate {
  /** Two of the same matter are not tried together. */
  readonly matter: string;
  /** As `--set` takes them. */
  readonly sets: readonly string[];
}

const BUFFER_SIZES = ["64KiB", "256KiB", "1MiB"];
const POLICIES = ["qemu-8.1", "qemu-9.2", "qemu-11.1"];
const CHANNELS = [2, 4, 8];
/** A limit below the one that is to be kept: the source's rule counts bytes and knows no latencies. */
const LIMIT_PARTS = [0.75, 0.5, 0.25];
const QEMU_MAX_BANDWIDTH = "128MiB/s";

/** The single changes that are worth trying on a scenario: those that change something. */
export function candidatesFor(scenario: Scenario, limit_ms: number): Candidate[] {
  const { params, devices } = scenario;
  const candidates: Candidate[] = [];
  const add = (matter: string, ...sets: readonly string[]) => candidates.push({ matter, sets });
  const bandwidth = switchoverBandwidth(scenario);
  for (const part of LIMIT_PARTS) {
    add("downtime limit", `downtime_limit_ms=${Number((limit_ms * part).toFixed(3))}`);
  }
  if (bandwidth > 0) {
    add("switchover bandwidth", `avail_switchover_bandwidth=${labelRate(bandwidth)}`);
  }
  if (params.avail_switchover_bandwidth > 0) {
    add("switchover bandwidth", "avail_switchover_bandwidth=0");
  }
  if (params.max_bandwidth === 0) add("bandwidth", `max_bandwidth=${QEMU_MAX_BANDWIDTH}`);
  else add("bandwidth", "max_bandwidth=0");
  for (const policy of POLICIES) {
    if (params.protocol === "v2" && policy !== params.policy) add("policy", `policy=${policy}`);
  }
  add(
    "ack",
    ...(params.switchover_ack ? ["switchover_ack=off"] : ["switchover_ack=on", "return_path=on"]),
  );
  for (const size of BUFFER_SIZES) {
    if (parseSize(size) !== params.buffer_size) add("buffer", `buffer_size=${size}`);
  }
  if (!params.multifd) { for (const n of CHANNELS) add("channels", "multifd=on", `channels=${n}`); }
  else add("channels", "multifd=off");
  const hasReinit = devices.some((d) =>
    d.kind === "simulated" && d.profile.precopy_info_v2 && d.profile.reinit_at_ms.length > 0
  );
  if (hasReinit) add("REINIT", `reinit=${params.reinit ? "off" : "on"}`);
  return candidates;
}

/** What one could tell QEMU of the link: its bandwidth, or where none is known, how fast the fastest device saves. */
function switchoverBandwidth({ link, devices }: Scenario): number {
  if (link.bandwidth > 0) return Math.round(link.bandwidth);
  return Math.max(
    0,
    ...devices.map((d) => d.kind === "simulated" ? Math.round(d.profile.save_rate) : 0),
  );
}
