import { readU64 } from "./big_endian.ts";
import { type Decoder, expect, fail, handOn } from "./decoder.ts";
import { GO_ON, STATE } from "./state.ts";
import { EVENT } from "./event.ts";
import { FOOTER_SIZE } from "./main_channel.ts";
import { RAM_LENGTH_SIZE } from "./ram_record.ts";

/** Takes the size of RAM in our START. */
export function stepOwnRamSize(d: Decoder): number {
  d.at = d.stepAt;
  d.value = readU64(d.view, 0);
  expect(d, STATE.FOOTER, FOOTER_SIZE);
  return EVENT.RAM_SETUP;
}

/** Takes the length of bytes of our RAM, or the 0 that ends them. */
export function stepOwnRamLength(d: Decoder): number {
  const length = readU64(d.view, 0);
  if (length === 0) {
    expect(d, STATE.FOOTER, FOOTER_SIZE);
    return GO_ON;
  }
  if (length > d.maxRecord) {
    fail(d, `a RAM record of at most ${d.maxRecord} bytes`, `a length of ${length}`);
  }
  d.at = d.stepAt;
  handOn(d, length);
  expect(d, STATE.OWN_RAM_LENGTH, RAM_LENGTH_SIZE);
  return EVENT.RAM;
}
