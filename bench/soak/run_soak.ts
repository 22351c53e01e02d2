/**
 * Migrations to and fro between two processes for as long as one likes:
 *
 * ```text
 *     main ----migrate----> end A ===migration===> end B
 *     main ----migrate----> end B ===migration===> end A      with the state that arrived, dirtied on the way
 * ```
 *
 * @module
 */
import { TextLineStream } from "@std/streams";
import { summarize, type Summary } from "../measure/mod.ts";
import { processStat } from "../peer/process_stat.ts";
import { judgeProcess, type SoakedProcess, type SoakSample } from "./judge_process.ts";
import type { EndOptions, Migrate, Migrated, Ready } from "./soak_message.ts";

/** What is soaked, and for how long. */
export interface SoakOptions {
  readonly duration_ms: number;
  /** The most migrations. */
  readonly most: number;
  /** As `--set` has them. */
  readonly sets: readonly string[];
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  tell(line: string): void;
}

/** What came of a soak, as `--json` prints it. */
export interface SoakResult {
  readonly schema: "vfio-migbench/soak@2";
  readonly duration_ms: number;
  readonly migrations: number;
  readonly verified: number;
  /** Migrations whose source began with the state that the one before had left. */
  readonly carried: number;
  /** Why it ended early; null where its time was up. */
  readonly failure: string | null;
  readonly bytes_total: number;
  readonly downtime_ms: Summary | null;
  readonly processes: Readonly<Record<"a" | "b", SoakedProcess>>;
  /** Every migration was verified, and memory and fds stayed flat. */
  readonly passed: boolean;
}

const TELL_EVERY_MS = 30_000;
/** So often both processes collect their garbage, and so long they are given for it: a few milliseconds each would do. */
const COLLECT_EVERY_MS = 5_000;
const COLLECTING_MS = 250;
const END = new URL("./soak_end.ts", import.meta.url).pathname;

/** One of the two processes. */
interface End {
  readonly child: Deno.ChildProcess;
  readonly address: string;
  readonly samples: SoakSample[];
  migrate(message: Migrate): Promise<Migrated>;
  /** Ends it, and says whether it ended well. */
  end(): Promise<boolean>;
}

/** Soaks. What goes wrong is in the result; no process is left. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const folder = await Deno.makeTempDir({ prefix: "vfio-migbench-soak-" });
  const ends: End[] = [];
  try {
    const tokenFile = `${folder}/token`;
    await Deno.writeTextFile(tokenFile, crypto.randomUUID() + crypto.randomUUID(), { mode: 0o600 });
    for (const address of [`unix:${folder}/socket`, "tcp:0"]) {
      ends.push(await startEnd({ address, tokenFile, sets: options.sets }));
    }
    const [a, b] = ends;
    if (a === undefined || b === undefined) throw new TypeError("Cannot soak without two ends");
    return await toAndFro([a, b], options);
  } finally {
    for (const end of ends) await end.end();
    await Deno.remove(folder, { recursive: true });
  }
}

async function toAndFro(
  ends: readonly [End, End],
  { duration_ms, most, signal, tell }: SoakOptions,
): Promise<SoakResult> {
  const began_ms = performance.now();
  let told_ms = began_ms;
  let collected_ms = 0;
  let migrations = 0;
  let verified = 0;
  let carried = 0;
  let bytes_total = 0;
  let failure: string | null = null;
  let untouched: readonly string[] | null = null;
  const downtimes: number[] = [];
  const elapsed = () => performance.now() - began_ms;
  const isOver = () => elapsed() >= duration_ms || migrations >= most || signal.aborted;
  while (!isOver() && failure === null) {
    const number = migrations;
    const [from, to] = number % 2 === 0 ? ends : [ends[1], ends[0]];
    // Over the main channel there and back, then over multifd's.
    const multifd = number % 4 >= 2;
    const came = await from.migrate({ to: to.address, multifd, number });
    migrations++;
    if (came.error !== null || !came.state_verified) {
      failure = `migration ${number}: ${came.error ?? "its state was not verified"}`;
      break;
    }
    verified++;
    bytes_total += came.metrics.bytes_total ?? 0;
    if (came.metrics.downtime_ms !== undefined) downtimes.push(came.metrics.downtime_ms);
    if (number > 0) {
      untouched ??= came.began_with;
      const isSame = came.began_with !== null && untouched !== null &&
        came.began_with.join() === untouched.join();
      if (isSame) carried++;
      else {failure =
          `migration ${number} did not begin with the state that the one before had left`;}
    }
    for (const end of ends) sample(end, elapsed(), false);
    if (elapsed() - collected_ms > COLLECT_EVERY_MS) {
      for (const { child } of ends) collectGarbage(child);
      await new Promise((resolve) => setTimeout(resolve, COLLECTING_MS));
      collected_ms = elapsed();
      for (const end of ends) sample(end, collected_ms, true);
    }
    if (performance.now() - told_ms > TELL_EVERY_MS) {
      told_ms = performance.now();
      tell(progressLine(elapsed(), duration_ms, verified, ends));
    }
  }
  const judged = (end: End) => judgeProcess(end.samples, elapsed());
  const processes = { a: judged(ends[0]), b: judged(ends[1]) };
  const endedWell = (await Promise.all(ends.map((end) => end.end()))).every((well) => well);
  if (!endedWell) failure ??= "a process did not end well";
  if (signal.aborted) failure ??= "it was interrupted";
  const isFlat = [processes.a, processes.b].every(({ kept_bytes, fds, workers }) =>
    [kept_bytes, fds, workers].every((one) => one === null || one.flat)
  );
  return {
    schema: "vfio-migbench/soak@2",
    duration_ms: Math.round(elapsed()),
    migrations,
    verified,
    carried,
    failure,
    bytes_total,
    downtime_ms: downtimes.length === 0 ? null : summarize(downtimes),
    processes,
    passed: failure === null && verified === migrations && isFlat,
  };
}

/** Has every isolate of a process collect its garbage. That one has ended, the next migration tells. */
function collectGarbage(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGUSR2");
  } catch {
    // It has ended.
  }
}

/** Takes down what a process has; nothing of one that has ended. */
function sample({ child, samples }: End, at_ms: number, collected: boolean): void {
  const stat = processStat(child.pid);
  if (stat !== null) samples.push({ ...stat, at_ms, collected });
}

function progressLine(
  elapsed_ms: number,
  duration_ms: number,
  verified: number,
  ends: readonly End[],
): string {
  const each = ends.map(({ samples }) => {
    const { rss_bytes = 0, fds = 0 } = samples.at(-1) ?? {};
    return `${(rss_bytes / 1024 ** 2).toFixed(0)} MiB and ${fds} fds`;
  });
  const minutes = (ms: number) => (ms / 60_000).toFixed(1);
  const of = Number.isFinite(duration_ms) ? ` of ${minutes(duration_ms)}` : "";
  return `${minutes(elapsed_ms)}${of} min: ${verified} migrations, all verified; ${
    each.join(", ")
  }`;
}

async function startEnd(options: EndOptions): Promise<End> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      ...["ffi", "read", "write", "env", "sys"].map((name) => `--allow-${name}`),
      END,
      JSON.stringify(options),
    ],
    // With it a SIGUSR2 has every isolate of it collect its garbage; without it, end.
    env: { DENO_USR2_MEMORY_TRIM: "1" },
    stdin: "piped",
    stdout: "piped",
    // What it has to say where it breaks is for whoever started the soak.
    stderr: "inherit",
  }).spawn();
  const answers = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const commands = child.stdin.getWriter();
  const encoder = new TextEncoder();
  const hear = async (): Promise<string | null> => {
    const { value, done } = await answers.read();
    return done || value === undefined ? null : value;
  };
  const first = await hear();
  if (first === null) throw new Error("Cannot start a process of the soak: it ended at once");
  const { address }: Ready = JSON.parse(first);
  let ended: Promise<boolean> | null = null;
  const endIt = async (): Promise<boolean> => {
    await commands.close().catch(() => {});
    await answers.cancel().catch(() => {});
    return (await child.status).success;
  };
  return {
    child,
    address,
    samples: [],
    async migrate(message) {
      await commands.write(encoder.encode(`${JSON.stringify(message)}\n`)).catch(() => {});
      const line = await hear();
      if (line !== null) return JSON.parse(line);
      return {
        error: "the process of its source ended",
        state_verified: false,
        metrics: {},
        downtime_rests_on: null,
        began_with: null,
      };
    },
    end: () => ended ??= endIt(),
  };
}
