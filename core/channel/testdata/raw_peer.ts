import { assertEquals } from "@std/assert";
import { read, regionOf, write } from "../../libc/mod.ts";
import type { ChannelEnd } from "../mod.ts";

/** The fd of an end, for a peer that knows nothing of messages. */
export function fdOf(end: ChannelEnd): number {
  if (end.kind === "stream") return end.fd;
  throw new TypeError("Cannot take the fd of a ring: received one");
}

/** Writes all of it in one call. */
export function writeBytes(fd: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const region = regionOf(bytes.slice().buffer);
  assertEquals(write(fd, region.pointer, bytes.length), bytes.length);
}

/** Reads what there is, up to the end or to an error such as -EAGAIN. */
export function readBytes(fd: number): Uint8Array {
  const region = regionOf(new ArrayBuffer(65536));
  const chunks: Uint8Array[] = [];
  for (;;) {
    const n = read(fd, region.pointer, region.bytes.length);
    if (n <= 0) break;
    chunks.push(region.bytes.slice(0, n));
  }
  return concat(...chunks);
}

export function concat(...chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
}
