import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERRNO, type Region, regionOf } from "../../libc/mod.ts";
import { closeStateMemory } from "../simulated/state_memory.ts";
import { bytesOf, memoryOf } from "../simulated/testdata/memory.ts";
import { writeMigrationHeader } from "./migration_header.ts";
import {
  beginGathering,
  createPartsLoader,
  endGathering,
  gatheredWhole,
  gatherParts,
  INITIAL_BUFFER_SIZE,
  type PartsLoader,
  setParts,
} from "./parts_loader.ts";
import { HEADER, recordOf } from "./testdata/devices.ts";

const SIZE = 100;
const LIMIT = 2 ** 32 - 1;
const OPTIONAL = 1;

/** Feeds bytes and gives the device what becomes ready; 0, or the first errno. */
function feed(loader: PartsLoader, region: Region | null, at: number, length: number): number {
  for (let done = 0; done < length;) {
    const n = gatherParts(loader, region, at + done, length - done);
    if (n < 0) return n;
    done += n;
    const result = loader.ready ? setParts(loader) : 0;
    if (result < 0) return result;
  }
  return 0;
}

function feedBytes(loader: PartsLoader, bytes: Uint8Array): number {
  const region = regionOf(new ArrayBuffer(Math.max(bytes.length, 1)));
  region.bytes.set(bytes);
  return feed(loader, region, 0, bytes.length);
}

function begun(limit = LIMIT): PartsLoader {
  const loader = createPartsLoader(null, SIZE, limit);
  beginGathering(loader);
  return loader;
}

function bodyOf(seed: number, length = SIZE): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => seed + 7 * i);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("under any split of writes the device gets whole records only, the last one last", () => {
  const memory = memoryOf(SIZE, null);
  const loader = createPartsLoader(memory, SIZE, LIMIT);
  const stream = joined(
    recordOf(bodyOf(1)),
    recordOf(bodyOf(9, 33), OPTIONAL, 77),
    recordOf(new Uint8Array(0), OPTIONAL, 78),
    recordOf(bodyOf(2)),
    recordOf(bodyOf(3)),
  );
  // How many bytes of stream make the first, second, third state of the device.
  const ends = [HEADER + SIZE, 4 * HEADER + 2 * SIZE + 33, 5 * HEADER + 3 * SIZE + 33];
  const region = regionOf(new ArrayBuffer(stream.length));
  region.bytes.set(stream);
  try {
    const lengths = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1 });
    fc.assert(fc.property(lengths, (lengths) => {
      assertEquals(beginGathering(loader), 0);
      let records = 0;
      for (let i = 0, at = 0; at < stream.length; i++) {
        const length = Math.min(lengths[i % lengths.length] ?? 1, stream.length - at);
        assertEquals(feed(loader, region, at, length), 0);
        at += length;
        records = ends.filter((end) => end <= at).length;
        assertEquals(loader.records, records);
        if (records > 0) assertEquals(bytesOf(memory), bodyOf(records));
      }
      assertEquals(records, 3);
      assertEquals(gatheredWhole(loader), true);
    }));
  } finally {
    endGathering(loader);
    closeStateMemory(memory);
  }
});

Deno.test("the state is whole after a record, and neither before one nor within the next", () => {
  const loader = begun();
  assertEquals(gatheredWhole(loader), false);
  for (const byte of recordOf(bodyOf(1))) {
    assertEquals(gatheredWhole(loader), false);
    assertEquals(feedBytes(loader, Uint8Array.of(byte)), 0);
  }
  assertEquals(gatheredWhole(loader), true);
  for (const byte of recordOf(bodyOf(1)).subarray(0, -1)) {
    assertEquals(feedBytes(loader, Uint8Array.of(byte)), 0);
    assertEquals(gatheredWhole(loader), false);
  }
});

Deno.test("an optional record of an unknown tag is no state", () => {
  const loader = begun();
  assertEquals(feedBytes(loader, recordOf(bodyOf(1), OPTIONAL, 1)), 0);
  assertEquals([loader.records, gatheredWhole(loader)], [0, false]);
  assertEquals(feedBytes(loader, recordOf(bodyOf(1), OPTIONAL, 0)), 0);
  assertEquals([loader.records, gatheredWhole(loader)], [1, true]);
});

Deno.test("a mandatory record of an unknown tag is EOPNOTSUPP", () => {
  assertEquals(feedBytes(begun(), recordOf(bodyOf(1), 0, 1)), -ERRNO.EOPNOTSUPP);
  // Other flags do not make it optional.
  assertEquals(feedBytes(begun(), recordOf(bodyOf(1), 2, 1)), -ERRNO.EOPNOTSUPP);
});

Deno.test("a record over the limit is ENOMEM, whatever its tag", () => {
  const header = (recordSize: number, flags = 0, tag = 0) => {
    const bytes = new Uint8Array(HEADER);
    writeMigrationHeader(new DataView(bytes.buffer), 0, { recordSize, flags, tag });
    return bytes;
  };
  assertEquals(feedBytes(begun(), header(2 ** 32)), -ERRNO.ENOMEM);
  assertEquals(feedBytes(begun(), header(2 ** 32 - 1)), 0);
  assertEquals(feedBytes(begun(), header(-1)), -ERRNO.ENOMEM); // 2^64 - 1
  assertEquals(feedBytes(begun(SIZE), header(SIZE)), 0);
  assertEquals(feedBytes(begun(SIZE), header(SIZE + 1)), -ERRNO.ENOMEM);
  assertEquals(feedBytes(begun(SIZE), header(SIZE + 1, OPTIONAL, 5)), -ERRNO.ENOMEM);
});

Deno.test("the device refuses parts that are not all of its own", () => {
  for (const length of [0, SIZE - 1, SIZE + 1]) {
    const loader = begun();
    assertEquals(feedBytes(loader, recordOf(bodyOf(1, length))), -ERRNO.EINVAL);
    assertEquals(loader.records, 0);
  }
});

Deno.test("the buffer grows to a record that does not fit, stays, and goes with the session", () => {
  const size = INITIAL_BUFFER_SIZE + 5;
  const memory = memoryOf(size, null);
  const loader = createPartsLoader(memory, size, LIMIT);
  try {
    beginGathering(loader);
    const first = loader.gather;
    assertEquals(first?.size, INITIAL_BUFFER_SIZE);
    const body = Uint8Array.from({ length: size }, (_, i) => i % 251);
    for (let nth = 1; nth <= 2; nth++) {
      assertEquals(feedBytes(loader, recordOf(body)), 0);
      assertEquals(loader.records, nth);
      assertEquals(loader.gather?.size, size);
    }
    assertEquals(bytesOf(memory), body);
    const grown = loader.gather;
    endGathering(loader);
    assertEquals([first?.fd, grown?.fd, loader.gather], [-1, -1, null]);
  } finally {
    endGathering(loader);
    closeStateMemory(memory);
  }
});

Deno.test("without bytes the headers come from the source's log, and one too many is EINVAL", () => {
  const headerFeed = [{ recordSize: SIZE, flags: 0, tag: 0 }];
  const loader = createPartsLoader(null, SIZE, LIMIT, headerFeed);
  beginGathering(loader);
  assertEquals(feed(loader, null, 0, HEADER + SIZE), 0);
  assertEquals(gatheredWhole(loader), true);
  assertEquals(feed(loader, null, 0, HEADER), -ERRNO.EINVAL);
});
