/**
 * One of the two processes of a soak: it listens, and migrates to the other when it is told to. What arrives at it is
 * what it begins with when it is the source next.
 *
 * @module
 */
import { TextLineStream } from "@std/streams";
import type { DeviceImage } from "../../core/device/mod.ts";
import { close, dup } from "../../core/libc/mod.ts";
import {
  addressText,
  CASE_LIMITS,
  channelOfAddress,
  connectSession,
  peerOf,
  readAddress,
  readToken,
  startListener,
} from "../peer/mod.ts";
import { digestFrom } from "../trial/digest_images.ts";
import { createSpareWorkers } from "../trial/spare_workers.ts";
import { soakCase, UNTOUCHED_FROM } from "./soak_case.ts";
import type { EndOptions, Migrate, Migrated, Ready } from "./soak_message.ts";

const PAGE = 4096;

/** What its migrations leave to each other, as the source and as the destination. */
const workers = createSpareWorkers();

/** The states that arrived last, as fds of our own. */
let held: readonly DeviceImage[] | null = null;

/** Keeps what arrived, beside the Worker that is about to close it. */
function hold(images: readonly DeviceImage[]): void {
  letGo();
  held = images.map((image) => ({ ...image, fd: dup(image.fd) }));
}

function letGo(): void {
  for (const { fd } of held ?? []) close(fd);
  held = null;
}

/** Of the part that is never dirtied, from a page's beginning. */
function untouchedDigest(image: DeviceImage): string {
  return digestFrom(image, Math.floor(image.length * UNTOUCHED_FROM / PAGE) * PAGE);
}

async function migrate(
  { to, multifd, number }: Migrate,
  { tokenFile, sets }: EndOptions,
): Promise<Migrated> {
  const one = soakCase(channelOfAddress(to), multifd, sets);
  const began_with = held?.map(untouchedDigest) ?? null;
  const session = await connectSession(readAddress("--connect", to), readToken(tokenFile));
  const peer = peerOf(session);
  try {
    // Without the carried states every migration would begin with others: the seed is its own.
    const place = { caseNumber: 0, trial: number, seed: number + 1 };
    const keep = { workers, ...(held === null ? {} : { carried: held }) };
    const { record } = await peer.play(one, place, new AbortController().signal, keep);
    return {
      error: record.error?.message ?? null,
      state_verified: record.state_verified,
      metrics: record.metrics,
      downtime_rests_on: record.peer?.downtime_rests_on ?? null,
      began_with,
    };
  } finally {
    await peer.end();
    letGo();
  }
}

function tell(answer: Ready | Migrated): void {
  console.log(JSON.stringify(answer));
}

if (import.meta.main) {
  const options: EndOptions = JSON.parse(Deno.args[0] ?? "");
  const stop = new AbortController();
  const listener = startListener({
    address: readAddress("--listen", options.address),
    token: readToken(options.tokenFile),
    limits: CASE_LIMITS,
    realDevices: [],
    workers,
    once: false,
    signal: stop.signal,
    tell: () => {},
    onArrived: hold,
  });
  // Ctrl-C is for the main process, which then ends this one.
  Deno.addSignalListener("SIGINT", () => {});
  tell({ address: addressText(listener.address) });
  // Its stdin's end is its own: so it ends too where the main process was killed.
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    try {
      tell(await migrate(JSON.parse(line), options));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tell({
        error: message,
        state_verified: false,
        metrics: {},
        downtime_rests_on: null,
        began_with: null,
      });
    }
  }
  stop.abort();
  await listener.over;
  workers.close();
  letGo();
  // The signal's listener would keep it.
  Deno.exit(0);
}
