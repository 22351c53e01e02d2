import { assertEquals } from "@std/assert";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import {
  CHECKSUM,
  encodeRecordHeader,
  RECORD,
  RECORD_HEADER_SIZE,
  type RecordHeader,
} from "./record.ts";
import { checksumOf } from "./state_checksum.ts";
import {
  beginLoading,
  checkLoaded,
  createStateLoader,
  loadedWhole,
  loadStream,
  type StateLoader,
} from "./state_loader.ts";
import { closeStateMemory } from "./state_memory.ts";
import { bytesOf, memoryOf } from "./testdata/memory.ts";

const SIZE = 100;

function record(kind: number, offset: number, body: readonly number[] | number): number[] {
  const length = typeof body === "number" ? body : body.length;
  const view = new DataView(new ArrayBuffer(RECORD_HEADER_SIZE));
  encodeRecordHeader(view, kind, offset, length);
  return [...new Uint8Array(view.buffer), ...(typeof body === "number" ? [] : body)];
}

const HEAD = record(RECORD.STATE, 10, [1, 2, 3]);
const END = record(RECORD.END, HEAD.length, []);

function begun(): StateLoader {
  const loader = createStateLoader(null, SIZE);
  beginLoading(loader);
  return loader;
}

function write(loader: StateLoader, bytes: readonly number[]): number {
  const region = regionOf(Uint8Array.of(...bytes, 0).buffer);
  return loadStream(loader, region, 0, bytes.length);
}

Deno.test("a record's bytes land at its offset", () => {
  const memory = memoryOf(SIZE, null);
  try {
    const loader = createStateLoader(memory, SIZE);
    beginLoading(loader);
    assertEquals(write(loader, [...HEAD, ...END]), HEAD.length + END.length);
    assertEquals([...bytesOf(memory).subarray(9, 14)], [0, 1, 2, 3, 0]);
    assertEquals(loadedWhole(loader), true);
  } finally {
    closeStateMemory(memory);
  }
});

Deno.test("only bytes of NEW records count as new", () => {
  const loader = begun();
  write(loader, [...HEAD, ...record(RECORD.NEW, 0, [9, 9])]);
  assertEquals(loader.newBytes, 2);
});

Deno.test("a stream is not whole before the last byte of its end", () => {
  const loader = begun();
  for (const byte of [...HEAD, ...END]) {
    assertEquals(loadedWhole(loader), false);
    assertEquals(write(loader, [byte]), 1);
  }
  assertEquals(loadedWhole(loader), true);
});

Deno.test("where the end has a checksum, the state must have it too", () => {
  const memory = memoryOf(SIZE, null);
  const loader = createStateLoader(memory, SIZE);
  beginLoading(loader);
  write(loader, HEAD);
  assertEquals(checkLoaded(loader), -ERRNO.EINVAL);
  write(loader, END);
  assertEquals(checkLoaded(loader), 0);
  const sum = checksumOf(memory);
  for (const [checksum, result] of [[sum, 0], [(sum + 1) % 2 ** 32, -ERRNO.EBADMSG]] as const) {
    beginLoading(loader);
    write(loader, [...HEAD, ...record(RECORD.END, HEAD.length, CHECKSUM + checksum)]);
    assertEquals(checkLoaded(loader), result);
  }
  closeStateMemory(memory);
  assertEquals(checkLoaded(loader), -ERRNO.EBADF);
  assertEquals(checkLoaded({ ...loader, memory: null }), 0);
  beginLoading(loader);
  assertEquals(loader.checksum, 0);
});

Deno.test("what follows the end is refused with ENOMEM, and the state stays whole", () => {
  const loader = begun();
  const stream = [...HEAD, ...END];
  assertEquals(write(loader, [...stream, 0]), stream.length);
  assertEquals(write(loader, [0]), -ERRNO.ENOMEM);
  assertEquals(loadedWhole(loader), true);
});

Deno.test("an empty write is fine at any time", () => {
  const loader = begun();
  assertEquals(write(loader, []), 0);
  write(loader, [...HEAD, ...END]);
  assertEquals(write(loader, []), 0);
});

for (
  const [what, bad] of [
    ["garbage", new Array<number>(RECORD_HEADER_SIZE).fill(0x5a)],
    ["a record that ends behind the state", record(RECORD.STATE, SIZE - 2, 3)],
    ["a record that begins behind the state", record(RECORD.NEW, 2 ** 40, 0)],
    ["an end after another number of bytes", record(RECORD.END, HEAD.length + 1, [])],
    ["an end with a length", record(RECORD.END, HEAD.length, 1)],
  ] as const
) {
  Deno.test(`${what} is refused with EINVAL, and nothing makes the state whole after it`, () => {
    const loader = begun();
    assertEquals(write(loader, [...HEAD, ...bad]), HEAD.length);
    assertEquals(write(loader, bad.slice(0, 1)), -ERRNO.EINVAL);
    assertEquals(write(loader, END), -ERRNO.EINVAL);
    assertEquals(loadedWhole(loader), false);

    beginLoading(loader);
    assertEquals(write(loader, [...HEAD, ...END]), HEAD.length + END.length);
    assertEquals(loadedWhole(loader), true);
  });
}

Deno.test("garbage that comes in pieces is refused with its last piece", () => {
  const loader = begun();
  assertEquals(write(loader, new Array<number>(20).fill(1)), 20);
  assertEquals(write(loader, [1, 1, 1, 1]), -ERRNO.EINVAL);
});

Deno.test("without memory, more bytes than the header feed explains are refused", () => {
  const feed: RecordHeader[] = [{ kind: RECORD.STATE, offset: 0, length: 5 }];
  const loader = createStateLoader(null, SIZE, feed);
  beginLoading(loader);
  assertEquals(loadStream(loader, null, 0, RECORD_HEADER_SIZE + 5), RECORD_HEADER_SIZE + 5);
  assertEquals(loadStream(loader, null, 0, RECORD_HEADER_SIZE), -ERRNO.EINVAL);
  assertEquals(loadedWhole(loader), false);
});
