import { DecisionReplay, POLICIES, type PolicyName } from "../../core/migration/mod.ts";
import type { PassDevice, TracedPass } from "../../core/migration/mod.ts";
import type { PassListener } from "./source_log.ts";

/** What is known of a migration before its log is read; undefined: its log tells. */
export interface KnownOptions {
  readonly policy: PolicyName | undefined;
  readonly switchoverAck: boolean | undefined;
  readonly downtimeLimitMs: number | undefined;
  readonly availSwitchoverBandwidth: number | undefined;
}

/** What the whole log has told in the end. */
export interface SeenOptions {
  /** An ack came, was asked for, or its marker was sent. */
  readonly switchoverAck: boolean;
  /** Only QEMU 8.1 logs no switchover bandwidth and no state that was reached by itself. */
  readonly isOld: boolean;
}

/**
 * Replays by every policy and option that the log may be of, side by side, since which it is may show only at
 * its end: that `switchover-ack` was on, by the first ack; that sizes were counted twice, by the first exact query.
 */
export class ReplayChoice implements PassListener {
  #replays: DecisionReplay[] = [];
  #devices: readonly PassDevice[] = [];

  constructor(readonly known: KnownOptions) {}

  begin(devices: readonly PassDevice[]): void {
    this.#devices = devices;
  }

  readonly pass = (pass: TracedPass): void => {
    if (this.#replays.length === 0) this.#start(pass);
    for (const replay of this.#replays) replay.pass(pass);
  };

  #start({ estimate }: TracedPass): void {
    const { policy, switchoverAck, downtimeLimitMs, availSwitchoverBandwidth } = this.known;
    const isNew = estimate.owed !== undefined;
    const policies: PolicyName[] = policy !== undefined
      ? [policy]
      : isNew
      ? ["qemu-11.1"]
      : ["qemu-9.2", "qemu-8.1"];
    // In legacy mode one ack is owed from the start, and nobody has asked for it.
    const switchoverAckLegacy = isNew && estimate.owed === 1 && estimate.requests === 0;
    for (const name of policies) {
      for (const ack of switchoverAck === undefined ? [false, true] : [switchoverAck]) {
        const replay = new DecisionReplay(POLICIES[name], {
          switchoverAck: ack,
          switchoverAckLegacy,
          downtimeLimitMs,
          availSwitchoverBandwidth,
        });
        replay.begin(this.#devices);
        this.#replays.push(replay);
      }
    }
  }

  /** The one that the log turned out to be of; undefined where it has no pass. */
  choose(seen: SeenOptions): DecisionReplay | undefined {
    const cost = (replay: DecisionReplay) => [
      // Evidence first, then agreement.
      Number(seen.switchoverAck && !replay.options.switchoverAck),
      replay.differing + replay.sumsDiffering,
      Number(replay.policy.name === "qemu-8.1" !== seen.isOld),
      Number(replay.options.switchoverAck),
    ];
    return this.#replays.toSorted((a, b) => {
      const [ofA, ofB] = [cost(a), cost(b)];
      const at = ofA.findIndex((value, i) => value !== ofB[i]);
      return at < 0 ? 0 : (ofA[at] ?? 0) - (ofB[at] ?? 0);
    })[0];
  }
}
