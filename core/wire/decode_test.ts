import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  bytesNeeded,
  createDecoder,
  decode,
  endOfInput,
  EVENT,
  payloadLeft,
  SECTION,
  takePayload,
  VFIO_TAG,
  WireError,
} from "./mod.ts";
import { readEvents } from "./testdata/read_events.ts";
import {
  configHead,
  dataHead,
  dataRecord,
  endOfState,
  eof,
  footer,
  openOwn,
  openQemu,
  ownStream,
  part,
  qemuStream,
  ramHead,
  ramSetup,
  setup,
  start,
  stopCopyHead,
  tag,
} from "./testdata/streams.ts";
import { type Part, write } from "./testdata/write.ts";

const names = (stream: Uint8Array) => readEvents(stream).map(([name]) => name).join(" ");

Deno.test("a migration of ours decodes to what was encoded", () => {
  const vfio = "0000:00:05.0/vfio";
  const ram = "vfio-migbench/ram";
  assertEquals(readEvents(ownStream).map(([name, , ...rest]) => [name, ...rest].join(" ")), [
    "HEADER",
    "CONFIGURATION vfio-migbench",
    `SECTION 1 1 ${ram}`,
    "RAM_SETUP 1048576",
    `SECTION_END 1 1 ${ram}`,
    `SECTION 1 38 ${vfio}`,
    "SETUP",
    "END_OF_STATE",
    `SECTION_END 1 38 ${vfio}`,
    `SECTION 2 1 ${ram}`,
    "RAM 6",
    "PAYLOAD 010203040506",
    "RAM 1",
    "PAYLOAD 07",
    `SECTION_END 2 1 ${ram}`,
    `SECTION 2 38 ${vfio}`,
    "DATA 4",
    "PAYLOAD deadbeef",
    "END_OF_STATE",
    `SECTION_END 2 38 ${vfio}`,
    `SECTION 2 38 ${vfio}`,
    "DATA 3",
    "PAYLOAD 7e0000",
    "INIT_DATA_SENT",
    `SECTION_END 2 38 ${vfio}`,
    `SECTION 2 38 ${vfio}`,
    "END_OF_STATE",
    `SECTION_END 2 38 ${vfio}`,
    `SECTION 2 38 ${vfio}`,
    "INIT_DATA_SENT",
    `SECTION_END 2 38 ${vfio}`,
    "COMMAND 11 0 0",
    `SECTION 3 1 ${ram}`,
    `SECTION_END 3 1 ${ram}`,
    `SECTION 3 38 ${vfio}`,
    "DATA 4",
    "PAYLOAD deadbeef",
    "DATA 1",
    "PAYLOAD 01",
    "END_OF_STATE",
    `SECTION_END 3 38 ${vfio}`,
    `SECTION 4 38 ${vfio}`,
    "CONFIG 2",
    "PAYLOAD abcd",
    "END_OF_STATE",
    `SECTION_END 4 38 ${vfio}`,
    "EOF",
  ]);
});

Deno.test("QEMU's RAM, v1's order, searched ends and the vmdesc decode", () => {
  const events = readEvents(qemuStream).map(([name, , ...rest]) => [name, ...rest].join(" "));
  const said = (prefix: string) => events.filter((event) => event.startsWith(prefix));
  assertEquals(said("CONFIGURATION_"), [
    "CONFIGURATION_SUBSECTION configuration/capabilities",
    "CONFIGURATION_SUBSECTION configuration/target-page-bits",
  ]);
  assertEquals(said("COMMAND"), ["COMMAND 1 0 0", "COMMAND 2 1 0", "COMMAND 11 0 0"]);
  assertEquals(said("RAM_"), [
    "RAM_SETUP 8192",
    "RAM_BLOCK mem0 4096",
    "RAM_BLOCK mem1 4096",
    "RAM_PAGE mem0 8 0 4096",
    "RAM_PAGE mem0 2 0 0",
    "RAM_PAGE mem1 2 0 0",
    "RAM_PAGE mem1 64 0 3",
    "RAM_FLUSH",
  ]);
  assertEquals(said("SKIPPED"), ["SKIPPED 10", "SKIPPED 3", "SKIPPED 0"]);
  assertEquals(said("CONFIG "), ["CONFIG 4", "CONFIG 15"]);
  const v1 = events.indexOf("CONFIG 4");
  assertEquals(events.slice(v1, v1 + 5), [
    "CONFIG 4",
    "PAYLOAD 00112233",
    "END_OF_STATE",
    "DATA 2",
    "PAYLOAD cafe",
  ]);
  assertEquals(said("CONFIG_LOAD"), ["CONFIG_LOAD_READY"]);
  assertEquals(said("VMDESC"), ["VMDESC 2"]);
  assertEquals(events.at(-1), "PAYLOAD 7b7d");
});

Deno.test("every split of the input gives the same events", () => {
  for (const stream of [ownStream, qemuStream]) {
    const whole = readEvents(stream);
    // One cut at every place, then every byte alone, then whatever comes.
    const step = stream === qemuStream ? 7 : 1;
    for (let cut = 1; cut < stream.length; cut += step) {
      assertEquals(readEvents(stream, [cut]), whole);
    }
    assertEquals(readEvents(stream, stream.keys().toArray()), whole);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 60 }), (cuts) => {
        assertEquals(readEvents(stream, cuts), whole);
      }),
      { numRuns: 60 },
    );
  }
});

Deno.test("a stream that is cut off anywhere is refused at its end", () => {
  for (let length = 0; length < ownStream.length; length++) {
    const cut = ownStream.subarray(0, length);
    assertThrows(() => readEvents(cut), WireError, `byte ${length} of the stream as`);
  }
});

Deno.test("without a vmdesc, events that were waiting for the end of the input come", () => {
  const stream = write(openQemu, start(SECTION.FULL, 7, "timer", 2), "0102", footer(7), eof);
  assertEquals(names(stream), "HEADER CONFIGURATION SECTION SKIPPED SECTION_END EOF");
  const decoder = createDecoder();
  while (decode(decoder, stream, decoder.next, stream.length) !== EVENT.NEED_INPUT);
  assertEquals(endOfInput(decoder), false);
  // What is no footer is not taken for one.
  const open = write(openQemu, start(SECTION.FULL, 7, "timer", 2), "0102", footer(7), "03");
  assertThrows(() => readEvents(open), WireError, "received its end");
});

Deno.test("a footer that stands in a device's state by chance is not taken for one", () => {
  // Section 0 of a real stream had 7e 00 00 00 00 00 in a timer.
  const state = "0000000310a8807e00000000000000000000000001";
  const stream = write(
    openQemu,
    start(SECTION.FULL, 0, "timer", 2),
    state,
    footer(0),
    start(SECTION.FULL, 3, "cpu_common", 1),
    footer(3),
    eof,
  );
  const skipped = readEvents(stream).filter(([name]) => name === "SKIPPED");
  assertEquals(skipped.map(([, , length]) => length), [state.length / 2, 0]);
});

Deno.test("a footer before what cannot follow one is a part of the state", () => {
  const decoys = [
    "010000000900" + "61", // a section without a name
    "040000000901" + "07", // a name that is not text
    "0200000009", // a part of a section that was never declared
    "0300000009",
    "0800000000", // command 0
    "08000c0000", // a command that is none
    "05",
    "06",
    "7e",
    "ff",
  ];
  for (const decoy of decoys) {
    const state = write("aa", footer(7), decoy, "0000000000000000");
    const stream = write(
      openQemu,
      setup,
      start(SECTION.FULL, 7, "timer", 2),
      state,
      footer(7),
      part(SECTION.END, 38),
      endOfState,
      eof,
    );
    const skipped = readEvents(stream).filter(([name]) => name === "SKIPPED");
    assertEquals(skipped.map(([, , length]) => length), [state.length], decoy);
  }
});

Deno.test("the configuration says how RAM is written", () => {
  const bits = "051e636f6e66696775726174696f6e2f7461726765742d706167652d62697473" + "00000001";
  const capabilities = "051a636f6e66696775726174696f6e2f6361706162696c6974696573" + "00000001";
  const shared = "00000001" + "0f782d69676e6f72652d736861726564";
  const uuid = "0512636f6e66696775726174696f6e2f75756964" + "00000001" + "00".repeat(16);
  const stream = write(
    openQemu,
    bits,
    "0000000a",
    capabilities,
    shared,
    uuid,
    start(SECTION.START, 1, "ram", 4),
    // With x-ignore-shared each block has an address too.
    "0000000000000404" + "0161" + "0000000000000400" + "0000000000100000",
    "0000000000000008" + "0161",
    new Uint8Array(1024),
    "0000000000000010",
    footer(1),
    eof,
  );
  const events = readEvents(stream);
  assertEquals(events.find(([name]) => name === "RAM_PAGE")?.slice(2), ["a", 8, 0, 1024]);
  assertEquals(events.filter(([name]) => name === "CONFIGURATION_SUBSECTION").length, 3);
  const wrong = write(openQemu, bits, "00000009");
  assertThrows(() => readEvents(wrong), WireError, "the bits of a page's size");
});

Deno.test("a table of sizes says where sections of others end", () => {
  // Nothing could find this end: the state looks like a footer and another section.
  const state = write("aa", footer(7), start(SECTION.FULL, 8, "fake", 1));
  const stream = write(openQemu, start(SECTION.FULL, 7, "timer", 2), state, footer(7), eof);
  const sizes = new Map([["0 timer", state.length]]);
  assertEquals(readEvents(stream, [], { sizes }).at(-3)?.slice(0, 3), [
    "SKIPPED",
    43,
    state.length,
  ]);
  const wrong = new Map([["0 timer", state.length - 1]]);
  assertThrows(() => readEvents(stream, [], { sizes: wrong }), WireError, "as the footer (7e)");
});

Deno.test("payload can be read past the decoder", () => {
  const stream = write(openOwn, setup, dataHead(1000), new Uint8Array(1000), endOfState, eof);
  const decoder = createDecoder();
  const body = stream.length - 1 - 13 - 1000;
  assertEquals(bytesNeeded(decoder), 8);
  assertEquals(decode(createDecoder(), stream, 0, 0), EVENT.NEED_INPUT);
  const early = createDecoder();
  decode(early, stream, 0, 3);
  assertEquals(bytesNeeded(early), 5);
  // No more than is needed at a time: payload then never comes with framing.
  let at = 0;
  const until = (wanted: number) => {
    for (;;) {
      const event = decode(decoder, stream, at, at);
      if (event === wanted) return;
      if (event !== EVENT.NEED_INPUT) continue;
      const end = at + bytesNeeded(decoder);
      const next = decode(decoder, stream, at, end);
      assertEquals(decoder.next, end);
      at = end;
      if (next === wanted) return;
    }
  };
  until(EVENT.DATA);
  assertEquals([at, payloadLeft(decoder), bytesNeeded(decoder)], [body, 1000, 1000]);
  takePayload(decoder, 600);
  // A part of it through the decoder, then the rest past it.
  assertEquals(decode(decoder, stream, body + 600, body + 700), EVENT.PAYLOAD);
  assertEquals([decoder.at, decoder.offset, decoder.length], [body + 600, body + 600, 100]);
  assertThrows(() => takePayload(decoder, 301), RangeError, "with 300 left");
  takePayload(decoder, 300);
  assertEquals(payloadLeft(decoder), 0);
  at = body + 1000;
  until(EVENT.EOF);
  endOfInput(decoder);
  assertEquals(decoder.position, stream.length);
});

const OPEN = [openOwn, setup];
const QEMU = [openQemu, setup];
const RAM: Part[] = [openQemu, start(SECTION.START, 1, "ram", 4)];
const refused: readonly [what: string, parts: Part[], says: string][] = [
  [
    "another magic",
    ["5145564e00000003"],
    "byte 0 of the stream as the header of a migration stream",
  ],
  ["another version", ["5145564d00000002"], "received 51 45 56 4d 00 00 00 02"],
  ["an unknown type", [openOwn, "09"], "the type of a section: received 0x09"],
  ["a second configuration", [openOwn, "07"], "received 0x07"],
  ["a machine's name too long", ["5145564d0000000307", "00000100"], "received a length of 256"],
  ["mapped-ram", [
    openQemu,
    "051a636f6e66696775726174696f6e2f6361706162696c697469657300000001",
    "00000001",
    "0a6d61707065642d72616d",
  ], "read in sequence: received mapped-ram"],
  ["a subsection that is unknown", [openQemu, "0501610000000100"], 'received "a"'],
  ["a section without a name", [openOwn, "010000000100"], "a section with a name"],
  ["a name that is not text", [openOwn, "01000000010407", "0000000000000000000000"], "0x07 in it"],
  ["a part of nothing", [openOwn, "0200000007"], "received section 7"],
  ["an id that changes its name", [...OPEN, start(SECTION.FULL, 38, "timer", 1)], "received timer"],
  ["an id that changes its instance", [
    ...OPEN,
    "0400000026" + "11303030303a30303a30352e302f7666696f" + "00000001" + "00000001",
  ], "section 38 as 0000:00:05.0/vfio, which it was"],
  ["a command that is none", [openOwn, "08000c0000"], "as a command: received 12"],
  ["command 0", [openOwn, "0800000000"], "as a command: received 0"],
  ["a command too long", [openOwn, "08000b0001"], "received a length of 1"],
  ["an unknown tag", [...OPEN, stopCopyHead, "ffffffffef100007"], "a tag of VFIO state"],
  ["half a tag", [...OPEN, stopCopyHead, "00000000ef100001"], "a tag of VFIO state"],
  ["SETUP and data", [
    openOwn,
    start(SECTION.START, 2, "a/vfio", 1),
    tag(VFIO_TAG.SETUP),
    dataRecord(1),
  ], "END_OF_STATE after SETUP"],
  ["another footer", [
    ...OPEN,
    stopCopyHead,
    tag(VFIO_TAG.END_OF_STATE),
    footer(39),
  ], "the footer (7e) of section 38"],
  ["data beyond 2^53", [
    ...OPEN,
    stopCopyHead,
    tag(VFIO_TAG.DATA),
    "0020000000000000",
  ], "at most 9007199254740991 bytes: received a size of 9007199254740992"],
  ["a config too long", [...OPEN, configHead(65537)], "received a length of 65537"],
  ["a config and no end", [...OPEN, configHead(1), "00", dataRecord(1)], "after the config"],
  ["a config without an end", [
    ...QEMU,
    stopCopyHead,
    tag(VFIO_TAG.CONFIG),
    new Uint8Array(50_000),
    new Uint8Array(10_000),
  ], "more of the stream"],
  ["RAM that is whole", [openOwn, start(SECTION.FULL, 1, "vfio-migbench/ram", 1)], "received FULL"],
  ["RAM beyond 2^53", [
    openOwn,
    ramSetup(4096),
    part(SECTION.PART, 1),
    "0020000000000000",
  ], "a RAM record of at most"],
  ["a word of RAM that is none", [...RAM, "0000000000000001"], "a word of QEMU's RAM"],
  ["two flags at once", [...RAM, "000000000000000a"], "a word of QEMU's RAM"],
  ["a page of no block", [...RAM, "0000000000000028"], "a page with the name of its block"],
  ["blocks larger than RAM", [...RAM, "0000000000001004", "0161", "0000000000002000"], "8192"],
  ["XBZRLE in another encoding", [...RAM, "0000000000000040", "0161", "020001"], "received 02"],
  ["XBZRLE above a page", [...RAM, "0000000000000040", "0161", "011001"], "received 4097"],
  ["bytes after EOF", [openOwn, eof, "00"], "the vmdesc (06) or the end of the stream"],
  ["bytes after the vmdesc", [openOwn, eof, "060000000000"], "as the end of the stream"],
];

for (const [what, parts, says] of refused) {
  Deno.test(`refused: ${what}`, () => {
    const error = assertThrows(() => readEvents(write(...parts)), WireError, says);
    assertEquals(error.message.includes("\n"), false);
  });
}

Deno.test("limits are the caller's", () => {
  const long = write(openOwn, setup, dataHead(5), "0000000000", endOfState, eof);
  assertEquals(readEvents(long, [], { maxRecord: 5 }).length, 12);
  assertThrows(() => readEvents(long, [], { maxRecord: 4 }), WireError, "received a size of 5");
  const ram = write(openOwn, ramSetup(9), ramHead(SECTION.PART, 5), "0000000000");
  assertThrows(() => readEvents(ram, [], { maxRecord: 4 }), WireError, "received a length of 5");
  const two = write(openOwn, setup, ramSetup(9), eof);
  assertThrows(() => readEvents(two, [], { maxSections: 1 }), WireError, "at most 1 sections");
  const config = (size: number) =>
    write(openQemu, setup, stopCopyHead, tag(VFIO_TAG.CONFIG), new Uint8Array(size), endOfState);
  const open = "more of the stream";
  assertThrows(() => readEvents(config(100), [], { maxConfig: 100 }), WireError, open);
  for (const size of [101, 103, 104, 200]) {
    const says = "a config of at most 100 bytes";
    assertThrows(() => readEvents(config(size), [], { maxConfig: 100 }), WireError, says);
  }
});

Deno.test("a decoder that has failed stays failed", () => {
  const decoder = createDecoder();
  const bytes = new Uint8Array(8);
  const first = assertThrows(() => decode(decoder, bytes, 0, 8), WireError);
  assertStrictEquals(assertThrows(() => decode(decoder, bytes, 0, 8), WireError), first);
  assertStrictEquals(assertThrows(() => endOfInput(decoder), WireError), first);
  assertEquals([first.offset, first.received], [0, "00 00 00 00 00 00 00 00"]);
  assert(first.expected.startsWith("the header"));
});

Deno.test("only sections of a known name and version are read; of a device, those that end in /vfio are a device's", () => {
  const other = write(
    openQemu,
    start(SECTION.FULL, 2, "a/vfio", 2),
    "00",
    footer(2),
    eof,
    "0600000000",
  );
  assertEquals(readEvents(other)[3]?.slice(0, 3), ["SKIPPED", 44, 1]);
  const ram = write(openOwn, start(SECTION.FULL, 2, "vfio-migbench/ram", 2), footer(2), eof);
  assertEquals(readEvents(ram).at(-3)?.[0], "SKIPPED");
  const device = write(openOwn, start(SECTION.FULL, 2, "a/vfio", 1), "00");
  assertThrows(() => readEvents(device), WireError, "more of the stream");
});
