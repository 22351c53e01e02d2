import { EXIT } from "./exit_code.ts";
import { parseFlags } from "./parse_flags.ts";
import {
  addressText,
  CASE_LIMITS,
  isOfThisMachine,
  type ListenerTally,
  readAddress,
  readToken,
  startListener,
} from "./peer/mod.ts";
import { LONGEST_TIME_MS, parseMs, parseSize } from "./scenario/mod.ts";
import { createSpareWorkers, probeDevices } from "./trial/mod.ts";
import { untilInterrupted } from "./until_interrupted.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task bench --listen ADDR [FLAGS]

Waits for another process, on this host or another, and is the destination of what that one plays:

  deno task bench --listen tcp:7000                  here
  deno task bench smoke --connect tcp:7000           there

  --listen ADDR        unix:/path, tcp:HOST:PORT, or tcp:PORT of the loopback; port 0 is any free one
  --token-file FILE    a secret that both sides have, which keeps strangers out; needed where others than this
                       machine can connect (head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE)
  --once               ends after one session
  --max-state 4GiB     the most memory that a migration may take here
  --max-time 10m       the longest that a migration may say it takes (max_time_ms)
  --device DEV[,DEV...]  real VFIO devices of this host, for the real ones of the other side
  --json               one JSON document on stdout at the end
  --quiet              nothing on stderr

One session at a time; without a token whoever can connect may: everybody on this machine with tcp, its owner alone with
unix. With a token strangers are kept out, and nothing is encrypted: go through ssh or a VPN where others can read along.
Ctrl-C ends it.

Exit: 0 it ended, 2 usage error or the address is in use; with --once 4 if its session was broken off or a trial failed, and 130 if
Ctrl-C broke it off.`;

/** `deno task bench --listen`. */
export async function listenCommand(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const flags = parseFlags(args, {
    texts: ["listen", "token-file", "max-state", "max-time"],
    lists: ["device"],
    switches: ["once", "json", "quiet"],
    alsoKnown: ["connect"],
  });
  const [operand] = flags.operands;
  if (operand !== undefined) {
    throw new UsageError(
      `Cannot take ${operand} with --listen: the connecting side says what is played`,
    );
  }
  const text = flags.text("listen") ?? "";
  const address = readAddress("--listen", text);
  const tokenFile = flags.text("token-file");
  const token = tokenFile === undefined ? null : readToken(tokenFile);
  if (token === null && !isOfThisMachine(address)) {
    throw new UsageError(
      `Cannot listen on ${text} without --token-file: others than this machine could connect; make one with head -c 32 /dev/urandom | base64, or listen on the loopback`,
    );
  }
  const limits = {
    max_state_bytes: sizeOf("--max-state", flags.text("max-state"), CASE_LIMITS.max_state_bytes),
    max_time_ms: timeOf("--max-time", flags.text("max-time"), CASE_LIMITS.max_time_ms),
  };
  const realDevices = realDevicesOf(flags.list("device"));
  const isQuiet = flags.has("quiet");
  const tell = (line: string) => {
    if (!isQuiet) console.error(line);
  };
  const once = flags.has("once");
  const { result: tally, interrupted } = await untilInterrupted((signal) => {
    const workers = createSpareWorkers(1);
    const options = { address, token, limits, realDevices, once, signal, tell, workers };
    const listener = startListener(options);
    tell(`listening on ${addressText(listener.address)}`);
    return listener.over.finally(() => workers.close());
  });
  if (flags.has("json")) console.log(JSON.stringify(documentOf(tally)));
  if (!once) return EXIT.FINE;
  if (interrupted && tally.broken_sessions > 0) return EXIT.INTERRUPTED;
  return tally.broken_sessions + tally.failed_trials > 0 ? EXIT.TRIAL_FAILED : EXIT.FINE;
}

/** What a listener tells at its end. */
function documentOf(tally: ListenerTally): ListenerTally & { readonly schema: string } {
  return { schema: "vfio-migbench/listener@1", ...tally };
}

/** Opened once, to see that they are there: nothing of them is said to a peer. */
function realDevicesOf(given: readonly string[]): readonly string[] {
  const names = given.flatMap((text) => text.split(",")).map((name) => name.trim());
  const sources = names.filter((name) => name !== "");
  if (sources.length > 0) probeDevices({ sources, destinations: ["null"] });
  return sources;
}

function sizeOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = parseSize(text);
  if (value !== undefined && value > 0) return value;
  throw new UsageError(`Cannot take ${flag} ${text}: expected a size, such as 4GiB`);
}

function timeOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const [, minutes] = /^(\d+(?:\.\d+)?) ?m$/.exec(text) ?? [];
  const value = minutes === undefined
    ? /[a-z]$/.test(text) ? parseMs(text) : undefined
    : Number(minutes) * 60_000;
  if (value !== undefined && value > 0 && value <= LONGEST_TIME_MS) return value;
  throw new UsageError(
    `Cannot take ${flag} ${text}: expected a time with its unit, such as 10m, a week at most`,
  );
}
