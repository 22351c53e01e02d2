import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createMultifdDecoder, MULTIFD_EVENT } from "./decoder.ts";
import { dataConsumed, decodeMultifd, endMultifd, headWanted } from "./decode.ts";
import { encodeChannelInit, encodeDeviceStateHead, encodeHeader } from "./encode.ts";
import { WireError } from "../wire_error.ts";
import { openedDecoder, OPTIONS, readChannel, type ReadEvent } from "./testdata/read_channel.ts";

const DEVICE = OPTIONS.devices[0]?.head;
assert(DEVICE !== undefined);
const HEAD = DEVICE;

/** A whole channel: init, then buffers of device 0 with these lengths, the last one the configuration. */
function channel(id: number, lengths: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64 + lengths.reduce((sum, length) => sum + 288 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = encodeChannelInit(view, 0, null, id);
  for (const [idx, length] of lengths.entries()) {
    at += encodeDeviceStateHead(view, at, HEAD, idx, idx === lengths.length - 1, length);
    for (let i = 0; i < length; i++) bytes[at + i] = (idx * 31 + i) & 0xff;
    at += length;
  }
  return bytes;
}

/** One RAM packet with its pages. */
function ramPacket(flags: number, normal: number, zero: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1344 + normal * 4096).fill(0x5a);
  bytes.fill(0, 12, 320);
  const view = new DataView(bytes.buffer);
  encodeHeader(view, 0, flags);
  view.setUint32(12, 128);
  view.setUint32(16, normal);
  view.setUint32(20, normal * 4096);
  view.setUint32(32, zero);
  return bytes;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

Deno.test("captures of QEMU 10.0 decode end to end", async () => {
  const read: ReadEvent[][] = [];
  for (const n of [1, 2, 3, 4]) {
    const url = new URL(`testdata/qemu-10.0-channel${n}.bin.gz`, import.meta.url);
    const stream = (await Deno.open(url)).readable.pipeThrough(new DecompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const events = readChannel(bytes, [bytes.length]);
    // Of a prime size, so that the heads are cut in many ways.
    assertEquals(readChannel(bytes, [997]), events);
    read.push(events);
  }
  assertEquals(read.map(([first]) => first?.event === "channel" ? first.id : -1), [3, 1, 0, 2]);
  assertEquals(read.map((events) => events.length), [39, 38, 40, 39]);
  const packets = read.flat();
  assertEquals(packets.filter((event) => event.event === "ram" && event.sync).length, 16);
  const buffers = packets.filter((event) => event.event === "buffer");
  assertEquals(
    buffers.map(({ device, idx, isConfig, length }) => [device, idx, isConfig, length]),
    [[1, 1, true, 4132], [1, 0, false, 72]],
  );
  // The record that the configuration begins with, and the bytes that the device was given.
  assertEquals(buffers[0]?.data.slice(0, 8), [0xff, 0xff, 0xff, 0xff, 0xef, 0x10, 0, 2]);
  const text = new TextDecoder().decode(Uint8Array.from(buffers[1]?.data.slice(8, 18) ?? []));
  assertEquals(text, "hello-vfio");
});

Deno.test("any split of the input gives the same events", () => {
  const bytes = joined(
    channel(2, [5, 0, 300]),
    ramPacket(1, 0, 0),
    ramPacket(0, 2, 126),
    channel(2, [1]).subarray(64),
  );
  const whole = readChannel(bytes, [bytes.length]);
  assertEquals(whole.map(({ event }) => event), [
    "channel",
    "buffer",
    "buffer",
    "buffer",
    "ram",
    "ram",
    "buffer",
  ]);
  assertEquals(readChannel(bytes, [1]), whole);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      (sizes, direct) => assertEquals(readChannel(bytes, sizes, OPTIONS, direct), whole),
    ),
  );
});

Deno.test("what is encoded is what is decoded", () => {
  fc.assert(fc.property(fc.array(fc.nat(3000), { minLength: 1, maxLength: 6 }), (lengths) => {
    const events = readChannel(channel(3, lengths), [4096]);
    assertEquals(events.length, 1 + lengths.length);
    for (const [idx, length] of lengths.entries()) {
      const isConfig = idx === lengths.length - 1;
      const data = Array.from({ length }, (_, i) => (idx * 31 + i) & 0xff);
      const expected = { event: "buffer" as const, device: 0, idx, isConfig, length, data };
      assertEquals(events[idx + 1], expected);
    }
  }));
});

Deno.test("a buffer can be read with two reads: its head, and its data into its place", () => {
  const bytes = channel(0, [1000, 2000]);
  const decoder = createMultifdDecoder(OPTIONS);
  const wanted: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (decoder.dataLeft > 0) {
      wanted.push(-decoder.dataLeft);
      at += decoder.dataLeft;
      dataConsumed(decoder, decoder.dataLeft);
      continue;
    }
    const size = headWanted(decoder);
    wanted.push(size);
    // A read of so many bytes never reaches into data.
    assert(decodeMultifd(decoder, bytes, at, at + size) !== MULTIFD_EVENT.DATA);
    assertEquals(decoder.next, at + size);
    at += size;
  }
  assertEquals(wanted, [64, 288, -1000, 288, -2000]);
  assertEquals(decoder.position, bytes.length);
  endMultifd(decoder);
});

Deno.test("headWanted() walks over a RAM packet without reading into the next", () => {
  const bytes = joined(channel(0, []), ramPacket(0, 1, 0), channel(0, [7]).subarray(64));
  const decoder = createMultifdDecoder(OPTIONS);
  const wanted: number[] = [];
  for (let at = 0; decoder.dataLeft === 0;) {
    const size = headWanted(decoder);
    wanted.push(size);
    for (const end = at + size; at < end; at = decoder.next) {
      if (decodeMultifd(decoder, bytes, at, end) === MULTIFD_EVENT.RAM) {
        assertEquals(decoder.normalPages, 1);
      }
    }
  }
  assertEquals(wanted, [64, 288, 32, 1024 + 4096, 288]);
});

Deno.test("an empty buffer is complete with its head", () => {
  const decoder = createMultifdDecoder(OPTIONS);
  const bytes = channel(0, [0]);
  assertEquals(decodeMultifd(decoder, bytes, 0, bytes.length), MULTIFD_EVENT.CHANNEL);
  assertEquals(decodeMultifd(decoder, bytes, 64, bytes.length), MULTIFD_EVENT.DEVICE_STATE);
  assertEquals([decoder.dataLength, decoder.dataLeft, decoder.isConfig], [0, 0, true]);
  assertEquals(decodeMultifd(decoder, bytes, decoder.next, bytes.length), MULTIFD_EVENT.MORE);
});

Deno.test("no more data can be consumed past the decoder than is to come", () => {
  const decoder = createMultifdDecoder(OPTIONS);
  const bytes = channel(0, [8]);
  decodeMultifd(decoder, bytes, 0, 64 + 288);
  decodeMultifd(decoder, bytes, 64, 64 + 288);
  for (const size of [9, -1, NaN]) assertThrows(() => dataConsumed(decoder, size), RangeError);
  assertEquals(decoder.dataLeft, 8);
});

Deno.test("another page size changes how long a RAM packet is", () => {
  const bytes = new Uint8Array(320 + 8 * 8 + 65536);
  const view = new DataView(bytes.buffer);
  encodeHeader(view, 0, 0);
  view.setUint32(16, 1);
  view.setUint32(20, 65536);
  const options = { ...OPTIONS, ramPageSize: 65536 };
  assertEquals(readChannel(joined(channel(0, []), bytes), [5000], options), [
    { event: "channel", id: 0 },
    { event: "ram", sync: false, normal: 1, zero: 0 },
  ]);
});

/** Feeds a packet that is wrong in one field, in every way it can be cut in two. */
function assertRefused(packet: Uint8Array, offset: number, expected: string, received: string) {
  for (const cut of [0, 1, 11, 12, 275, 276, 280, packet.length]) {
    const decoder = openedDecoder();
    const error = assertThrows(() => {
      let at = 0;
      for (const end of [Math.min(cut, packet.length), packet.length]) {
        while (decodeMultifd(decoder, packet, at, end) !== MULTIFD_EVENT.MORE) at = decoder.next;
        at = end;
      }
    }, WireError);
    assertEquals(error.offset, 64 + offset);
    assert(error.expected.includes(expected), error.message);
    assert(error.received.includes(received), error.message);
    // It stays refused.
    const again = assertThrows(() => decodeMultifd(decoder, packet, 0, 1), WireError);
    assertStrictEquals(again, error);
    assertStrictEquals(assertThrows(() => endMultifd(decoder), WireError), error);
  }
}

/** A buffer's packet of device 0 with 4 bytes of data, changed. */
function bad(change: (view: DataView<ArrayBuffer>) => void): Uint8Array<ArrayBuffer> {
  const bytes = channel(0, [4]).slice(64);
  change(new DataView(bytes.buffer));
  return bytes;
}

const REFUSED: readonly [string, (view: DataView) => void, number, string, string][] = [
  ["a wrong magic", (v) => v.setUint32(0, 0x11223345), 0, "0x11223344", "0x11223345"],
  ["an unknown packet version", (v) => v.setUint32(4, 2), 4, "version (1)", "2"],
  ["SYNC with DEVICE_STATE", (v) => v.setUint32(8, 0x41), 8, "without SYNC", "0x41"],
  ["compression", (v) => v.setUint32(8, 0x42), 8, "without compression", "0x42"],
  ["an unknown flag", (v) => v.setUint32(8, 0x80000040), 8, "DEVICE_STATE", "0x80000040"],
  [
    "an unterminated idstr",
    (v) => {
      for (let i = 0; i < 256; i++) v.setUint8(12 + i, 65);
    },
    12,
    "NUL",
    "no NUL",
  ],
  ["an empty device-state packet", (v) => v.setUint32(272, 0), 272, "not empty", "0"],
  ["an unknown device", (v) => v.setUint8(12, 65), 12, "a device here", "A000:00:05.0/vfio"],
  ["an unknown instance", (v) => v.setUint32(268, 9), 12, "a device here", "instance 9"],
  ["packet while disabled", (v) => v.setUint32(268, 1), 12, "with multifd transfer", "disabled"],
  ["short packet", (v) => v.setUint32(272, 11), 272, "at least 12", "11, too short"],
  [
    "a payload above the maximum",
    (v) => v.setUint32(272, 12 + 1024 * 1024 + 1),
    272,
    "at most 1048588",
    "1048589",
  ],
  ["unknown version", (v) => v.setUint32(276, 1), 276, "VFIO packet's version (0)", "1"],
  ["index 0xffffffff", (v) => v.setUint32(280, 0xffffffff), 280, "0xfffffffe", "0xffffffff"],
  ["an unknown VFIO flag", (v) => v.setUint32(284, 3), 284, "CONFIG_STATE", "0x3"],
];

for (const [name, change, offset, expected, received] of REFUSED) {
  Deno.test(`refused: ${name}`, () => assertRefused(bad(change), offset, expected, received));
}

Deno.test("a disabled device is refused before its payload is looked at", () => {
  const packet = bad((view) => {
    view.setUint32(268, 1);
    view.setUint32(272, 3);
  });
  assertRefused(packet, 12, "with multifd transfer", "disabled");
});

Deno.test("refused: RAM packets that announce more than they can hold", () => {
  const at = (offset: number, value: number) => {
    const packet = ramPacket(0, 2, 3);
    new DataView(packet.buffer).setUint32(offset, value);
    return packet;
  };
  assertRefused(at(8, 2), 8, "without compression", "0x2");
  assertRefused(at(12, 129), 12, "at most 128 pages", "129");
  assertRefused(at(16, 129), 16, "at most 128 pages", "129");
  assertRefused(at(32, 127), 32, "at most 126 pages", "127");
  assertRefused(at(20, 8191), 20, "2 pages of 4096 bytes", "8191");
  assertRefused(ramPacket(0, 0, 0).fill(65, 64, 320), 64, "NUL", "no NUL");
});

Deno.test("refused: an init packet of something else", () => {
  const refused = (change: (view: DataView) => void, offset: number, message: string) => {
    const bytes = channel(0, []);
    change(new DataView(bytes.buffer));
    const decoder = createMultifdDecoder(OPTIONS);
    const error = assertThrows(() => decodeMultifd(decoder, bytes, 0, 64), WireError, message);
    assertEquals(error.offset, offset);
  };
  refused((v) => v.setUint32(0, 0x5145564d), 0, "received 0x5145564d");
  refused((v) => v.setUint32(4, 0), 4, "received 0");
  refused((v) => v.setUint8(8, 1), 8, "received 01000000");
  refused((v) => v.setUint8(24, 4), 24, "less than 4");
});

Deno.test("a channel may end between packets, and nowhere else", () => {
  const bytes = joined(channel(0, [3]), ramPacket(0, 1, 0));
  const ends = new Set([64, 64 + 291, bytes.length]);
  for (let end = 0; end <= bytes.length; end++) {
    if (ends.has(end)) readChannel(bytes.subarray(0, end), [4096]);
    else if (end > 0) {
      const error = assertThrows(() => readChannel(bytes.subarray(0, end), [8192]), WireError);
      assertEquals(error.offset, end);
    }
  }
  assertThrows(() => endMultifd(createMultifdDecoder(OPTIONS)), WireError, "64 bytes of a head");
});

Deno.test("a decoder's options are checked", () => {
  const bad = [
    { channelCount: 0 },
    { channelCount: 257 },
    { maxDataBytes: -1 },
    { maxDataBytes: 2 ** 32 },
    { uuid: new Uint8Array(15) },
    { ramPageSize: 3000 },
  ];
  for (const options of bad) {
    assertThrows(
      () => createMultifdDecoder({ ...OPTIONS, ...options }),
      RangeError,
      "Cannot decode",
    );
  }
});
