import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createReturnPathDecoder,
  decodeReturnPath,
  encodePong,
  encodeShut,
  encodeSwitchoverAck,
  endOfReturnPath,
  RETURN_PATH,
  WireError,
} from "./mod.ts";
import { write } from "./testdata/write.ts";

/** Everything the destination of a QEMU 10.0 with switchover-ack answered in a whole migration. */
const CAPTURED = "0002000400000001" + "00070000" + "0001000400000000";

function messages(stream: Uint8Array, cuts: readonly number[] = []): number[][] {
  const decoder = createReturnPathDecoder();
  const seen: number[][] = [];
  const edges = [...new Set([0, ...cuts, stream.length])].sort((a, b) => a - b);
  for (const [i, from] of edges.entries()) {
    const to = edges[i + 1] ?? from;
    let at = from;
    for (;;) {
      const type = decodeReturnPath(decoder, stream, at, to);
      if (type === 0) break;
      at = decoder.next;
      seen.push([decoder.at, type, decoder.length, decoder.value]);
    }
    assertEquals(decoder.next, to);
  }
  endOfReturnPath(decoder);
  return seen;
}

Deno.test("a captured return path decodes, and is what the encoders write", () => {
  assertEquals(messages(Uint8Array.fromHex(CAPTURED)), [
    [0, RETURN_PATH.PONG, 4, 1],
    [8, RETURN_PATH.SWITCHOVER_ACK, 0, 0],
    [12, RETURN_PATH.SHUT, 4, 0],
  ]);
  const written = write(
    (view, at) => encodePong(view, at, 1),
    encodeSwitchoverAck,
    (view, at) => encodeShut(view, at, 0),
  );
  assertEquals(written.toHex(), CAPTURED);
});

Deno.test("every split of a return path gives the same messages", () => {
  // REQ_PAGES_ID with a name, REQ_PAGES, RECV_BITMAP, RESUME_ACK.
  const stream = Uint8Array.fromHex(
    CAPTURED + "0003000f" + "000000000000100000001000026162" + "0004000c" +
      "000000000000100000001000" + "00050003026162" + "0006000400000001",
  );
  const whole = messages(stream);
  assertEquals(whole.map(([, type]) => type), [2, 7, 1, 3, 4, 5, 6]);
  fc.assert(fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
    assertEquals(messages(stream, cuts), whole);
  }));
});

const refused: [what: string, hex: string, says: string][] = [
  ["type 0", "00000000", "a return-path message: received type 0x00"],
  ["an unknown type", "00080000", "received type 0x08"],
  ["an ack with a payload", "00070001", "message 7 of 0 bytes: received a length of 1"],
  ["a SHUT without a value", "00010000", "message 1 of 4 bytes: received a length of 0"],
  ["a message too long", "00030201", "of at most 512 bytes: received a length of 513"],
  ["half a message", "000700000002000400", "byte 4 of the stream as a whole return-path message"],
];

for (const [what, hex, says] of refused) {
  Deno.test(`refused on the return path: ${what}`, () => {
    assertThrows(() => messages(Uint8Array.fromHex(hex)), WireError, says);
  });
}
