/**
 * The configuration section: the machine's name, then perhaps subsections.
 *
 * ```text
 *   07  u32 length  name
 *       05  u8 length  name  u32 version  data     configuration/target-page-bits   u32
 *                                                  configuration/uuid               16 bytes
 *                                                  configuration/capabilities       u32 count, (u8 length, name)*
 * ```
 *
 * @module
 */

import { type Decoder, expect, extend, fail, failBytes, readName } from "./decoder.ts";
import { GO_ON, STATE } from "./state.ts";
import { EVENT } from "./event.ts";
import { OWN_MACHINE } from "./main_channel.ts";

const MAX_MACHINE = 255;
const MAX_CAPABILITIES = 256;
const MIN_PAGE_BITS = 10;
const MAX_PAGE_BITS = 20;
const UUID_SIZE = 16;

/** Takes the length of the machine's name. */
export function stepConfigurationHead(d: Decoder): number {
  const length = d.view.getUint32(1);
  if (length === 0 || length > MAX_MACHINE) {
    fail(d, `a machine's name of 1 to ${MAX_MACHINE} characters`, `a length of ${length}`);
  }
  extend(d, STATE.CONFIGURATION, 5 + length);
  return GO_ON;
}

/** Takes the machine's name. */
export function stepConfiguration(d: Decoder): number {
  d.name = readName(d, 5, d.need - 5, "a machine's name");
  d.own = d.name === OWN_MACHINE;
  expect(d, STATE.AFTER_CONFIGURATION, 1);
  return EVENT.CONFIGURATION;
}

/** Takes the length of a subsection's name. */
export function stepSubsectionHead(d: Decoder): number {
  extend(d, STATE.SUBSECTION, 2 + (d.scratch[1] ?? 0) + 4);
  return GO_ON;
}

/** Takes a subsection's name and version. */
export function stepSubsection(d: Decoder): number {
  d.name = readName(d, 2, d.need - 6, "the name of a subsection");
  switch (d.name) {
    case "configuration/target-page-bits":
      expect(d, STATE.PAGE_BITS, 4);
      return EVENT.CONFIGURATION_SUBSECTION;
    case "configuration/uuid":
      expect(d, STATE.UUID, UUID_SIZE);
      return EVENT.CONFIGURATION_SUBSECTION;
    case "configuration/capabilities":
      expect(d, STATE.CAPABILITY_COUNT, 4);
      return EVENT.CONFIGURATION_SUBSECTION;
  }
  return fail(d, "a subsection of the configuration that is known", JSON.stringify(d.name));
}

/** Takes the size of QEMU's pages. */
export function stepPageBits(d: Decoder): number {
  const bits = d.view.getUint32(0);
  if (bits < MIN_PAGE_BITS || bits > MAX_PAGE_BITS) failBytes(d, "the bits of a page's size");
  d.pageSize = 1 << bits;
  return afterSubsection(d);
}

/** Takes the machine's UUID, which says nothing here. */
export function stepUuid(d: Decoder): number {
  return afterSubsection(d);
}

/** Takes the number of capabilities. */
export function stepCapabilityCount(d: Decoder): number {
  d.capabilitiesLeft = d.view.getUint32(0);
  if (d.capabilitiesLeft > MAX_CAPABILITIES) {
    fail(d, `at most ${MAX_CAPABILITIES} capabilities`, `${d.capabilitiesLeft}`);
  }
  return afterCapability(d);
}

/** Takes the length of a capability's name. */
export function stepCapabilityHead(d: Decoder): number {
  extend(d, STATE.CAPABILITY, 1 + (d.scratch[0] ?? 0));
  return GO_ON;
}

/** Takes a capability: those that change how RAM is written are all that matters. */
export function stepCapability(d: Decoder): number {
  const name = readName(d, 1, d.need - 1, "the name of a capability");
  if (name === "mapped-ram") fail(d, "a stream that can be read in sequence", "mapped-ram");
  if (name === "x-ignore-shared") d.ignoreShared = true;
  d.capabilitiesLeft--;
  return afterCapability(d);
}

function afterCapability(d: Decoder): number {
  if (d.capabilitiesLeft === 0) return afterSubsection(d);
  expect(d, STATE.CAPABILITY_HEAD, 1);
  return GO_ON;
}

function afterSubsection(d: Decoder): number {
  expect(d, STATE.AFTER_CONFIGURATION, 1);
  return GO_ON;
}
