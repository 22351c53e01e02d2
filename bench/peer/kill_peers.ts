/**
 * Kills either process of migrations between two, at random moments:
 *
 *     deno run -A bench/peer/kill_peers.ts [KILLS] [SEED]
 *
 * After every kill (SIGKILL: nothing can be tidied up) the other process must say what happened in a trial that failed
 * with a phase, a call and an errno, within its limits; a listener goes on, and serves the next connector as if nothing
 * had been. At the end it has no more fds and Workers than it had.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createRandom } from "../random.ts";
import { type ProcessStat, processStat } from "./process_stat.ts";

/** What came of the kills. */
export interface KillPeersResult {
  /** Kills of a listener, and of a connector. */
  readonly listeners: number;
  readonly connectors: number;
  /** In which phase the connector's trial was when its listener was killed, and how often. */
  readonly phases: Readonly<Record<string, number>>;
  /** The longest that a connector took to end after its listener was killed. */
  readonly longest_end_ms: number;
}

const MAIN = new URL("../main.ts", import.meta.url).pathname;
/** A migration of one to two seconds, most of it precopy, again and again. */
const PLAYED = [
  "smoke",
  "--trials",
  "1000",
  "--warmup",
  "0",
  "--set",
  "devices.nic0.dirty_rate=8MiB/s",
  "--set",
  "devices.nic0.state_size=32MiB",
  "--set",
  "max_bandwidth=24MiB/s",
];

/** A process of the command line, and what it has said so far. */
interface Bench {
  readonly child: Deno.ChildProcess;
  readonly stdout: Promise<string>;
  /** Resolves with the text once it has said it on stderr, after what was heard before. */
  said(text: RegExp): Promise<string>;
  /** All that it said on stderr, when it is over. */
  readonly stderr: Promise<string>;
}

/** Every process that was started, so that none is left where something is not as it must be. */
const started: Bench[] = [];

function endChild(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

function bench(args: readonly string[]): Bench {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", MAIN, "bench", ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  let heard_to = 0;
  const listeners: (() => void)[] = [];
  const stderr = (async () => {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += part;
      for (const heard of [...listeners]) heard();
    }
    return text;
  })();
  const one: Bench = {
    child,
    stdout: new Response(child.stdout).text(),
    stderr,
    said: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = wanted.exec(text.slice(heard_to));
          if (found === null) return;
          heard_to += found.index + found[0].length;
          listeners.splice(listeners.indexOf(look), 1);
          resolve(found[0]);
        };
        listeners.push(look);
        look();
        stderr.then(() => reject(new Error(`it ended without ${wanted}: ${text}`)));
      }),
  };
  started.push(one);
  return one;
}

async function startListening(address: string): Promise<{ bench: Bench; address: string }> {
  const listener = bench(["--listen", address]);
  const line = await listener.said(/listening on \S+(?=\n)/);
  return { bench: listener, address: line.replace("listening on ", "") };
}

/** What its fds and Workers come down to, once what is ending has ended. */
async function settled(pid: number): Promise<ProcessStat> {
  let last = processStat(pid);
  for (let same = 0; same < 20; same++) {
    await sleep(25);
    const now = processStat(pid);
    if (now?.fds !== last?.fds || now?.workers !== last?.workers) same = 0;
    last = now;
  }
  assert(last !== null, "the listener is gone");
  return last;
}

/**
 * Kills listeners and connectors in turn, so many in all.
 *
 * @param address As `--listen` has it
 * @throws {AssertionError} where the other one does not do as it must
 */
export async function killPeers(
  address: string,
  kills: number,
  random: () => number,
): Promise<KillPeersResult> {
  const phases: Record<string, number> = {};
  let longest_end_ms = 0;
  const folder = await Deno.makeTempDir();
  let listener = await startListening(address);
  const play = (...more: string[]) =>
    bench([
      ...PLAYED,
      "--connect",
      listener.address,
      "--json",
      "--out",
      `${folder}/${crypto.randomUUID()}`,
      ...more,
    ]);
  const playWell = async () => {
    const { child, stdout, stderr } = play("--trials", "1", "--set", "max_bandwidth=0");
    assertEquals((await child.status).code, 0, `${await stderr}${await stdout}`);
    const [one] = JSON.parse(await stdout).cases;
    assertEquals([one.trials, one.failed, one.state_verified], [1, 0, true]);
    await listener.bench.said(/the session ended\n/);
  };
  const counts = { listeners: 0, connectors: 0 };
  try {
    await playWell();
    let before = await settled(listener.bench.child.pid);
    while (counts.listeners + counts.connectors < kills) {
      const connector = play();
      await listener.bench.said(/trial \d+ of smoke: completed/);
      await sleep(random() * 2_500);
      if ((counts.listeners + counts.connectors) % 2 === 0) {
        const killedAt = performance.now();
        listener.bench.child.kill("SIGKILL");
        await listener.bench.child.status;
        counts.listeners++;
        const { code } = await connector.child.status;
        longest_end_ms = Math.max(longest_end_ms, performance.now() - killedAt);
        assertEquals(code, 4, await connector.stderr);
        assertMatch(await connector.stderr, /Cannot play on: the listener at \S+ is gone/);
        const [one] = JSON.parse(await connector.stdout).cases;
        // Killed between two trials, none of them failed.
        assertEquals(one.failed, one.errors.length);
        assert(one.failed <= 1, `${one.failed} failed`);
        for (const { message, phase, call, errno, qemu_says } of one.errors) {
          assertMatch(message, /the listener at \S+ is gone/);
          assertEquals([typeof phase, typeof call, typeof errno], ["string", "string", "string"]);
          assertEquals(/could not|reset/.test(message), false, message);
          assertEquals(qemu_says === "completed", phase === "resume", `${phase} ${qemu_says}`);
        }
        const phase = one.errors[0]?.phase ?? "between trials";
        phases[phase] = (phases[phase] ?? 0) + 1;
        listener = await startListening(listener.address);
        await playWell();
        before = await settled(listener.bench.child.pid);
      } else {
        connector.child.kill("SIGKILL");
        await connector.child.status;
        await connector.stderr;
        await connector.stdout;
        counts.connectors++;
        await listener.bench.said(/the session ended: .*is gone/);
        await playWell();
        const after = await settled(listener.bench.child.pid);
        assertEquals([after.fds, after.workers], [before.fds, before.workers]);
      }
    }
    listener.bench.child.kill("SIGINT");
    const { code } = await listener.bench.child.status;
    assertEquals(code, 0, await listener.bench.stderr);
    await listener.bench.stdout;
  } finally {
    for (const { child } of started.splice(0)) endChild(child);
    await Deno.remove(folder, { recursive: true });
  }
  if (listener.address.startsWith("unix:")) {
    const path = listener.address.slice("unix:".length);
    assertEquals(await Deno.stat(path).then(() => true, () => false), false, "its socket stays");
  }
  return { ...counts, phases, longest_end_ms: Math.round(longest_end_ms) };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const [kills = 20, seed = 1] = Deno.args.map(Number);
  const folder = await Deno.makeTempDir();
  try {
    for (const address of [`unix:${folder}/socket`, "tcp:0"]) {
      const result = await killPeers(address, kills / 2, createRandom(seed));
      console.log(`${address}: ${JSON.stringify(result)}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
