/**
 * What the harness is held against.
 *
 * ```text
 *                c-twin                      qemu-path                    pipe-to                 ringbuf
 *   ring         a ring of the same shape    through a pipe, as           one file piped into     ringbuf.js between
 *                between two threads         exec: and fd: have it        the other, one thread   two Workers
 *   unix, tcp    the same system calls       through a QEMUFile of        two Workers, a          -
 *                between two threads         32 KiB between two threads   connection between
 * ```
 *
 * All move a memfd into a memfd, and have done so once before what is timed, as the harness has: over memory that was
 * never read a C program is a third slower. QEMU has no ring: a pipe is the nearest that it has within one machine. A
 * stream cannot go from one Worker to another, so within a process pipeTo has nothing but one thread.
 *
 * @module
 */
import { ringSlotsFor } from "../../core/channel/mod.ts";
import { buildTwin } from "./build_twin.ts";
import type { NotCompared } from "./ceiling_file.ts";
import type { Point, RivalName } from "./point.ts";
import { measureRival, type Rival, RivalError } from "./rival.ts";

/** What there is of the rivals that are wanted. */
export interface FoundRivals {
  readonly rivals: readonly Rival[];
  readonly notCompared: readonly NotCompared[];
}

const KIB = 1024;
const MIB = 1024 * KIB;
const DENO_FLAGS = ["run", "--quiet", "--no-check", "--allow-all"];
const CONFIG = `--config=${pathOf("../../deno.json")}`;

/** Builds or fetches the rivals. What cannot be had is said, and is no error. */
export async function findRivals(
  wanted: readonly RivalName[],
  signal: AbortSignal,
): Promise<FoundRivals> {
  const rivals: Rival[] = [];
  const notCompared: NotCompared[] = [];
  if (wanted.includes("c-twin") || wanted.includes("qemu-path")) {
    const twin = await buildTwin();
    for (const make of [cTwin, qemuPath]) {
      const rival = make("path" in twin ? twin.path : "");
      if (!wanted.includes(rival.name)) continue;
      if ("path" in twin) rivals.push(rival);
      else notCompared.push({ against: rival.name, not_compared: twin.unavailable });
    }
  }
  if (wanted.includes("pipe-to")) rivals.push(PIPE_TO);
  if (wanted.includes("ringbuf")) {
    const reason = await whyNot(RINGBUF, { channel: "ring", buffer_size: 64 * KIB }, signal);
    if (reason === null) rivals.push(RINGBUF);
    else notCompared.push({ against: "ringbuf", not_compared: reason });
  }
  return { rivals, notCompared };
}

function cTwin(program: string): Rival {
  return {
    name: "c-twin",
    channels: ["ring", "unix", "tcp"],
    command: ({ channel, buffer_size }, bytes) => [
      program,
      ...(channel === "ring" ? ["--way", "ring"] : ["--way", "stream", "--channel", channel]),
      ...["--slots", String(ringSlotsFor(buffer_size))],
      ...sizes(buffer_size, bytes),
    ],
  };
}

function qemuPath(program: string): Rival {
  return {
    name: "qemu-path",
    channels: ["ring", "unix", "tcp"],
    command: ({ channel, buffer_size }, bytes) => [
      program,
      ...["--way", "qemu", "--channel", channel === "ring" ? "pipe" : channel],
      ...sizes(buffer_size, bytes),
    ],
  };
}

function sizes(bufferSize: number, bytes: number): string[] {
  const moved = ["--buffer-size", String(bufferSize), "--bytes", String(bytes)];
  return [...moved, "--repeat", String(TIMES), "--verify"];
}

/** How often the state is moved, of which the last time counts. */
export const TIMES = 2;

/** So many buffers are enough to know a rival that takes some 50 us for each. */
const MOST_PIPED = 4096;

const PIPE_TO: Rival = {
  name: "pipe-to",
  channels: ["ring", "unix", "tcp"],
  command: ({ channel, buffer_size }, bytes) => [
    Deno.execPath(),
    ...[...DENO_FLAGS, CONFIG, pathOf("./pipe_to.ts"), channel, String(buffer_size)],
    String(Math.min(bytes, MOST_PIPED * buffer_size)),
  ],
};

const RINGBUF: Rival = {
  name: "ringbuf",
  channels: ["ring"],
  // It is no dependency: neither deno.json nor the lock file knows it.
  command: ({ buffer_size }, bytes) => [
    Deno.execPath(),
    ...[...DENO_FLAGS, CONFIG, "--no-lock", pathOf("./ringbuf.ts"), String(buffer_size)],
    String(Math.min(bytes, 256 * MIB)),
  ],
};

async function whyNot(
  rival: Rival,
  point: Point,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    await measureRival(rival, point, MIB, signal);
    return null;
  } catch (error) {
    if (!(error instanceof RivalError)) throw error;
    return error.message.replace(/^Cannot measure [^:]*: /, "");
  }
}

function pathOf(relative: string): string {
  return decodeURIComponent(new URL(relative, import.meta.url).pathname);
}
