import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  CLOSING_SIZE,
  COMMAND,
  COMMAND_HEAD_SIZE,
  configHeadSize,
  configMarkerSize,
  DATA_HEAD_SIZE,
  DATA_RECORD_SIZE,
  encodeCommand,
  encodeConfigHead,
  encodeConfigMarker,
  encodeConfiguration,
  encodeDataHead,
  encodeDataRecord,
  encodeEndOfState,
  encodeEof,
  encodeFileHeader,
  encodeFooter,
  encodeInitDataSent,
  encodePass,
  encodePing,
  encodePong,
  encodeRamHead,
  encodeRamRecord,
  encodeRamSetup,
  encodeRamTail,
  encodeSectionPart,
  encodeSectionStart,
  encodeSetupSection,
  encodeShut,
  encodeStopCopyHead,
  encodeSwitchoverAck,
  encodeTag,
  FILE_HEADER_SIZE,
  FOOTER_SIZE,
  OWN_MACHINE,
  PASS_SIZE,
  RAM_HEAD_SIZE,
  RAM_LENGTH_SIZE,
  RAM_SETUP_SIZE,
  RAM_TAIL_SIZE,
  RETURN_PATH_HEAD_SIZE,
  SECTION,
  SECTION_HEAD_SIZE,
  sectionStartSize,
  setupSectionSize,
  TAG_SIZE,
  VFIO_TAG,
} from "./mod.ts";
import { readEvents } from "./testdata/read_events.ts";
import { dataHead, endOfState, eof, openOwn, ramSetup, setup } from "./testdata/streams.ts";
import { type Part, write } from "./testdata/write.ts";

const IDSTR = "nic0/vfio";
const EOS = VFIO_TAG.END_OF_STATE;
type Encoder = (view: DataView, at: number) => number;
const encoders: readonly [name: string, size: number, encode: Encoder][] = [
  ["file header", FILE_HEADER_SIZE, encodeFileHeader],
  ["configuration", 5 + OWN_MACHINE.length, (v, at) => encodeConfiguration(v, at, OWN_MACHINE)],
  ["start", sectionStartSize("x"), (v, at) => encodeSectionStart(v, at, 4, 1, "x", 2, 3)],
  ["part", SECTION_HEAD_SIZE, (v, at) => encodeSectionPart(v, at, 2, 1)],
  ["footer", FOOTER_SIZE, (v, at) => encodeFooter(v, at, 1)],
  ["command", COMMAND_HEAD_SIZE, (v, at) => encodeCommand(v, at, COMMAND.SWITCHOVER_START)],
  ["ping", COMMAND_HEAD_SIZE + 4, (v, at) => encodePing(v, at, 1)],
  ["eof", 1, encodeEof],
  ["tag", TAG_SIZE, (v, at) => encodeTag(v, at, EOS)],
  ["setup section", setupSectionSize(IDSTR), (v, at) => encodeSetupSection(v, at, 1, IDSTR, 0)],
  ["data head", DATA_HEAD_SIZE, (v, at) => encodeDataHead(v, at, 1, 5)],
  ["data record", DATA_RECORD_SIZE, (v, at) => encodeDataRecord(v, at, 5)],
  ["end of state", CLOSING_SIZE, (v, at) => encodeEndOfState(v, at, 1)],
  ["init data sent", CLOSING_SIZE, (v, at) => encodeInitDataSent(v, at, 1)],
  ["pass", PASS_SIZE, (v, at) => encodePass(v, at, 1, EOS)],
  ["stop-copy head", SECTION_HEAD_SIZE, (v, at) => encodeStopCopyHead(v, at, 1)],
  ["config head", configHeadSize(IDSTR), (v, at) => encodeConfigHead(v, at, 1, IDSTR, 0, 5)],
  [
    "config marker",
    configMarkerSize(IDSTR),
    (v, at) => encodeConfigMarker(v, at, 1, IDSTR, 0, EOS),
  ],
  ["RAM setup", RAM_SETUP_SIZE, (v, at) => encodeRamSetup(v, at, 1, 4096)],
  ["RAM head", RAM_HEAD_SIZE, (v, at) => encodeRamHead(v, at, SECTION.PART, 1, 5)],
  ["RAM record", RAM_LENGTH_SIZE, (v, at) => encodeRamRecord(v, at, 5)],
  ["RAM tail", RAM_TAIL_SIZE, (v, at) => encodeRamTail(v, at, 1)],
  ["shut", RETURN_PATH_HEAD_SIZE + 4, (v, at) => encodeShut(v, at, 1)],
  ["pong", RETURN_PATH_HEAD_SIZE + 4, (v, at) => encodePong(v, at, 1)],
  ["switchover ack", RETURN_PATH_HEAD_SIZE, encodeSwitchoverAck],
];

for (const [name, size, encode] of encoders) {
  Deno.test(`encode ${name}: ${size} bytes, all written, none beside them`, () => {
    // What was there before must not shine through.
    const over = [0x00, 0xff].map((before) => {
      const bytes = new Uint8Array(size + 20).fill(before);
      assertEquals(encode(new DataView(bytes.buffer), 7), size);
      assertEquals([...new Set([...bytes.subarray(0, 7), ...bytes.subarray(7 + size)])], [before]);
      return bytes.subarray(7, 7 + size).toHex();
    });
    assertEquals(over[0], over[1]);
    const short = new DataView(new ArrayBuffer(size - 1));
    assertThrows(() => encode(short, 0), RangeError);
  });
}

Deno.test("sizes above 32 bits come through", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (size) => {
    const events = readEvents(write(openOwn, ramSetup(size), eof));
    assertEquals(events[3]?.[2], size);
  }));
  const long: Part[] = [openOwn, setup, dataHead(2 ** 40 + 5)];
  assertThrows(() => readEvents(write(...long)), Error, "1099511627781 more bytes of a record");
});

Deno.test("a section is called by 1 to 255 characters", () => {
  const start = (idstr: string) => write((v, at) => encodeSectionStart(v, at, 1, 2, idstr, 3, 1));
  assertThrows(() => start(""), RangeError, "received 0 characters");
  assertThrows(() => start("x".repeat(256)), RangeError, "received 256 characters");
  const longest = `${"x".repeat(250)}/vfio`;
  const events = readEvents(
    write(openOwn, start(longest), "ffffffffef100003" + "ffffffffef100001" + "7e00000002", eof),
  );
  assertEquals(events[2], ["SECTION", 26, 1, 2, longest]);
});

Deno.test("whatever is sent comes out as it was, in order", () => {
  const payload = fc.uint8Array({ minLength: 0, maxLength: 300 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 20 }), fc.array(fc.nat(4000)), (all, cuts) => {
      const passes = all.flatMap((bytes): Part[] => [dataHead(bytes.length), bytes, endOfState]);
      const stream = write(openOwn, setup, ...passes, eof);
      const events = readEvents(stream, cuts.filter((cut) => cut < stream.length));
      const came = events.filter(([name]) => name === "PAYLOAD").map(([, , hex]) => hex);
      const sent = all.filter((bytes) => bytes.length > 0).map((bytes) => bytes.toHex());
      assertEquals(came, sent);
      assertEquals(
        events.filter(([name]) => name === "DATA").map(([, , n]) => n),
        all.map((b) => b.length),
      );
    }),
  );
});
