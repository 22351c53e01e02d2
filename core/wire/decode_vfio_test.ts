import { assertEquals } from "@std/assert";
import { createDecoder, decode, EVENT, payloadLeft, takeDataHead, takePayload } from "./mod.ts";
import { dataRecord, endOfState, openOwn, setup, stopCopyHead } from "./testdata/streams.ts";
import { write } from "./testdata/write.ts";

Deno.test("the head of a DATA record is taken at once, and leaves the decoder as two steps do", () => {
  const opening = write(openOwn, setup, stopCopyHead);
  const record = write(dataRecord(5));
  const bytes = Uint8Array.from([...opening, ...record, 1, 2, 3, 4, 5, ...write(dataRecord(9))]);
  const view = new DataView(bytes.buffer);
  /** A decoder that has come to the first record. */
  const opened = () => {
    const d = createDecoder();
    while (decode(d, bytes, d.next, opening.length) !== EVENT.NEED_INPUT);
    return d;
  };
  const atOnce = opened();
  const at = opening.length;
  assertEquals(takeDataHead(atOnce, view, at - 1, bytes.length), false);
  assertEquals(takeDataHead(atOnce, view, at, at + record.length - 1), false);
  assertEquals(takeDataHead(atOnce, view, at, bytes.length), true);
  const stepwise = opened();
  assertEquals(decode(stepwise, bytes, at, at + record.length), EVENT.DATA);
  const { position, left, length, at: began, state } = stepwise;
  assertEquals(
    [atOnce.position, atOnce.left, atOnce.length, atOnce.at, atOnce.state],
    [position, left, length, began, state],
  );
  // In the middle of a record there is no head.
  assertEquals(takeDataHead(atOnce, view, at, bytes.length), false);
  takePayload(atOnce, 5);
  assertEquals(takeDataHead(atOnce, view, at + record.length + 5, bytes.length), true);
  assertEquals(payloadLeft(atOnce), 9);
});

Deno.test("a head that decode has something to say of is left to it", () => {
  const opening = write(openOwn, setup, stopCopyHead);
  for (const part of [dataRecord(0), dataRecord(2 ** 40), endOfState]) {
    const bytes = Uint8Array.from([...opening, ...write(part), ...new Array(16).fill(0)]);
    const d = createDecoder({ maxRecord: 2 ** 30 });
    while (decode(d, bytes, d.next, opening.length) !== EVENT.NEED_INPUT);
    const { position } = d;
    const view = new DataView(bytes.buffer);
    assertEquals(takeDataHead(d, view, opening.length, bytes.length), false);
    assertEquals(d.position, position);
  }
});
