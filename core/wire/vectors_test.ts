// The framing vectors of the facts: section id 38, idstr 0000:00:05.0/vfio, instance 0.

import { assertEquals } from "@std/assert";
import {
  COMMAND,
  createReturnPathDecoder,
  decodeReturnPath,
  encodeSwitchoverAck,
  RETURN_PATH,
  setupSectionSize,
  VFIO_TAG,
} from "./mod.ts";
import { readEvents } from "./testdata/read_events.ts";
import {
  command,
  dataHead,
  dataRecord,
  endOfState,
  eof,
  openOwn,
  pass,
  setup,
  stopCopyHead,
} from "./testdata/streams.ts";
import { type Part, write } from "./testdata/write.ts";

const IDSTR = "0000:00:05.0/vfio";
const SETUP = "010000002611303030303a30303a30352e302f7666696f0000000000000001" +
  "ffffffffef100003ffffffffef1000017e00000026";

/** What a vector decodes to, in a stream with its device; offsets count from the vector's start. */
function decodeVector(vector: string, before: Part[]): unknown[] {
  const head = write(openOwn, ...before);
  return readEvents(write(head, vector, eof)).flatMap(([name, at, ...rest]) =>
    at < head.length || name === "EOF" ? [] : [[name, at - head.length, ...rest]]
  );
}

Deno.test("vector: setup section, 52 bytes", () => {
  const bytes = write(setup);
  assertEquals(bytes.toHex(), SETUP);
  assertEquals([bytes.length, setupSectionSize(IDSTR)], [52, 52]);
  assertEquals(decodeVector(SETUP, []), [
    ["SECTION", 0, 1, 38, IDSTR],
    ["SETUP", 31],
    ["END_OF_STATE", 39],
    ["SECTION_END", 47, 1, 38, IDSTR],
  ]);
});

Deno.test("vector: precopy pass with 4 bytes, 38 bytes", () => {
  const vector = "0200000026ffffffffef1000040000000000000004deadbeefffffffffef1000017e00000026";
  const bytes = write(dataHead(4), "deadbeef", endOfState);
  assertEquals(bytes.toHex(), vector);
  assertEquals(bytes.length, 38);
  assertEquals(decodeVector(vector, [setup]), [
    ["SECTION", 0, 2, 38, IDSTR],
    ["DATA", 5, 4],
    ["PAYLOAD", 21, "deadbeef"],
    ["END_OF_STATE", 25],
    ["SECTION_END", 33, 2, 38, IDSTR],
  ]);
});

Deno.test("vector: precopy pass without data, initial data complete, 18 bytes", () => {
  const vector = "0200000026ffffffffef1000057e00000026";
  assertEquals(write(pass(VFIO_TAG.INIT_DATA_SENT)).toHex(), vector);
  assertEquals(decodeVector(vector, [setup]), [
    ["SECTION", 0, 2, 38, IDSTR],
    ["INIT_DATA_SENT", 5],
    ["SECTION_END", 13, 2, 38, IDSTR],
  ]);
});

Deno.test("vector: stop-copy section with two records, 55 bytes", () => {
  const vector = "0300000026ffffffffef1000040000000000000004deadbeef" +
    "ffffffffef100004000000000000000101ffffffffef1000017e00000026";
  const bytes = write(stopCopyHead, dataRecord(4), "deadbeef", dataRecord(1), "01", endOfState);
  assertEquals(bytes.toHex(), vector);
  assertEquals(bytes.length, 55);
  assertEquals(decodeVector(vector, [setup]), [
    ["SECTION", 0, 3, 38, IDSTR],
    ["DATA", 5, 4],
    ["PAYLOAD", 21, "deadbeef"],
    ["DATA", 25, 1],
    ["PAYLOAD", 41, "01"],
    ["END_OF_STATE", 42],
    ["SECTION_END", 50, 3, 38, IDSTR],
  ]);
});

Deno.test("vector: return-path switchover ack, 4 bytes", () => {
  const bytes = write(encodeSwitchoverAck);
  assertEquals(bytes.toHex(), "00070000");
  const decoder = createReturnPathDecoder();
  assertEquals(decodeReturnPath(decoder, bytes, 0, 4), RETURN_PATH.SWITCHOVER_ACK);
  assertEquals([decoder.at, decoder.length, decoder.next], [0, 0, 4]);
});

Deno.test("vector: SWITCHOVER_START command, 5 bytes", () => {
  assertEquals(write(command(COMMAND.SWITCHOVER_START)).toHex(), "08000b0000");
  assertEquals(decodeVector("08000b0000", []), [["COMMAND", 0, 11, 0, 0]]);
});
