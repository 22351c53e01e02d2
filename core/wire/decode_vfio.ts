import { readU64 } from "./big_endian.ts";
import { type Decoder, expect, extend, fail, failBytes, handOn } from "./decoder.ts";
import { GO_ON, STATE } from "./state.ts";
import { EVENT } from "./event.ts";
import { FOOTER_SIZE } from "./main_channel.ts";
import { DATA_RECORD_SIZE, TAG_HIGH, TAG_SIZE, VFIO_TAG } from "./vfio_record.ts";

/** Takes a tag. */
export function stepTag(d: Decoder): number {
  d.at = d.stepAt;
  switch (readTag(d)) {
    case VFIO_TAG.END_OF_STATE:
      return closeWith(d, EVENT.END_OF_STATE);
    case VFIO_TAG.INIT_DATA_SENT:
      return closeWith(d, EVENT.INIT_DATA_SENT);
    case VFIO_TAG.CONFIG_LOAD_READY:
      return closeWith(d, EVENT.CONFIG_LOAD_READY);
    case VFIO_TAG.SETUP:
      expect(d, STATE.SETUP_END, TAG_SIZE);
      return EVENT.SETUP;
    case VFIO_TAG.DATA:
      extend(d, STATE.DATA_SIZE, DATA_RECORD_SIZE);
      return GO_ON;
    case VFIO_TAG.CONFIG:
      if (d.own) {
        extend(d, STATE.CONFIG_LENGTH, TAG_SIZE + 4);
      } else {
        d.searched = 0;
        expect(d, STATE.CONFIG_SEARCH, 0);
      }
      return GO_ON;
  }
  return failBytes(d, "a tag of VFIO state");
}

/** Takes the tag after SETUP, which can be no other. */
export function stepSetupEnd(d: Decoder): number {
  if (readTag(d) !== VFIO_TAG.END_OF_STATE) failBytes(d, "END_OF_STATE after SETUP");
  d.at = d.stepAt;
  return closeWith(d, EVENT.END_OF_STATE);
}

/** Takes the size of a DATA record. */
export function stepDataSize(d: Decoder): number {
  const length = readU64(d.view, TAG_SIZE);
  if (length > d.maxRecord) {
    fail(d, `a DATA record of at most ${d.maxRecord} bytes`, `a size of ${length}`);
  }
  handOn(d, length);
  expect(d, STATE.TAG, TAG_SIZE);
  return EVENT.DATA;
}

/**
 * Takes the head of a DATA record at once, where the decoder is at a tag and the whole head of one with bytes stands
 * in the chunk: what `decode` would do in two steps. Its bytes come next.
 *
 * @param d The decoder
 * @param view The chunk
 * @param at Where in the chunk to look
 * @param end Where the chunk ends
 * @returns Whether it was taken: {@linkcode DATA_RECORD_SIZE} bytes; else nothing was, and `decode` is to look at it
 */
export function takeDataHead(d: Decoder, view: DataView, at: number, end: number): boolean {
  if (d.state !== STATE.TAG || d.have !== 0 || d.left !== 0 || end - at < DATA_RECORD_SIZE) {
    return false;
  }
  if (view.getUint32(at) !== TAG_HIGH || view.getUint32(at + 4) !== VFIO_TAG.DATA) return false;
  const length = readU64(view, at + TAG_SIZE);
  if (length === 0 || length > d.maxRecord) return false;
  d.at = d.position;
  d.stepAt = d.position;
  d.position += DATA_RECORD_SIZE;
  handOn(d, length);
  return true;
}

/** Takes the length of our own config. */
export function stepConfigLength(d: Decoder): number {
  const length = d.view.getUint32(TAG_SIZE);
  if (length > d.maxConfig) {
    fail(d, `a config of at most ${d.maxConfig} bytes`, `a length of ${length}`);
  }
  handOn(d, length);
  expect(d, STATE.CONFIG_END, TAG_SIZE);
  return EVENT.CONFIG;
}

/** Takes the tag after our own config, which can be no other. */
export function stepConfigEnd(d: Decoder): number {
  if (readTag(d) !== VFIO_TAG.END_OF_STATE) failBytes(d, "END_OF_STATE after the config");
  d.at = d.stepAt;
  return closeWith(d, EVENT.END_OF_STATE);
}

/** The lower half of the tag in the scratch bytes, or -1. */
function readTag(d: Decoder): number {
  return d.view.getUint32(0) === TAG_HIGH ? d.view.getUint32(4) : -1;
}

function closeWith(d: Decoder, event: number): number {
  expect(d, STATE.FOOTER, FOOTER_SIZE);
  return event;
}
