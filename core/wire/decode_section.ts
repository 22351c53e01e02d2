import { type Decoder, expect, extend, fail, failBytes, handOn, readName } from "./decoder.ts";
import { byteHex } from "./hex.ts";
import { GO_ON, STATE } from "./state.ts";
import { enterOther } from "./decode_other.ts";
import { EVENT } from "./event.ts";
import {
  COMMAND_HEAD_SIZE,
  COMMAND_LENGTH,
  FILE_MAGIC,
  FILE_VERSION,
  SECTION,
  SECTION_HEAD_SIZE,
} from "./main_channel.ts";
import { RAM_LENGTH_SIZE } from "./ram_record.ts";
import { PAYLOAD_KIND, payloadKind, type Section } from "./section_table.ts";
import { TAG_SIZE } from "./vfio_record.ts";

const DECLARATION_HEAD_SIZE = 6;
const CONFIGURATION_HEAD_SIZE = 5;
const VMDESC_HEAD_SIZE = 5;

/** Takes the file header. */
export function stepFileHeader(d: Decoder): number {
  if (d.view.getUint32(0) !== FILE_MAGIC || d.view.getUint32(4) !== FILE_VERSION) {
    failBytes(d, `the header of a migration stream ("QEVM", version ${FILE_VERSION})`);
  }
  d.at = d.stepAt;
  expect(d, STATE.FIRST_TYPE, 1);
  return EVENT.HEADER;
}

/** Takes the byte that says what follows. `d.state` says what can be there beside a section. */
export function stepType(d: Decoder): number {
  d.at = d.stepAt;
  const type = d.scratch[0] ?? 0;
  switch (type) {
    case SECTION.START:
    case SECTION.FULL:
      d.sectionType = type;
      extend(d, STATE.DECLARATION_HEAD, DECLARATION_HEAD_SIZE);
      return GO_ON;
    case SECTION.PART:
    case SECTION.END:
      d.sectionType = type;
      extend(d, STATE.PART_HEAD, SECTION_HEAD_SIZE);
      return GO_ON;
    case SECTION.COMMAND:
      extend(d, STATE.COMMAND_HEAD, COMMAND_HEAD_SIZE);
      return GO_ON;
    case SECTION.EOF:
      expect(d, STATE.AFTER_EOF, 1);
      return EVENT.EOF;
    case SECTION.CONFIGURATION:
      if (d.state !== STATE.FIRST_TYPE) break;
      extend(d, STATE.CONFIGURATION_HEAD, CONFIGURATION_HEAD_SIZE);
      return GO_ON;
    case SECTION.SUBSECTION:
      if (d.state !== STATE.AFTER_CONFIGURATION) break;
      extend(d, STATE.SUBSECTION_HEAD, 2);
      return GO_ON;
  }
  return fail(d, "the type of a section", `0x${byteHex(type)}`);
}

/** Takes the length of an idstr. */
export function stepDeclarationHead(d: Decoder): number {
  const length = d.scratch[5] ?? 0;
  if (length === 0) failBytes(d, "a section with a name");
  extend(d, STATE.DECLARATION, DECLARATION_HEAD_SIZE + length + 8);
  return GO_ON;
}

/** Takes the rest of the head of START and FULL. */
export function stepDeclaration(d: Decoder): number {
  const { view } = d;
  const length = d.scratch[5] ?? 0;
  const idstr = readName(d, DECLARATION_HEAD_SIZE, length, "the idstr of a section");
  const version = view.getUint32(DECLARATION_HEAD_SIZE + length + 4);
  d.section = declare(d, {
    id: view.getUint32(1),
    idstr,
    instance: view.getUint32(DECLARATION_HEAD_SIZE + length),
    version,
    kind: payloadKind(idstr, version),
  });
  return enter(d, d.section);
}

/** Takes the head of PART and END. */
export function stepPartHead(d: Decoder): number {
  const id = d.view.getUint32(1);
  let { section } = d;
  if (section === null || section.id !== id) section = d.table.get(id) ?? null;
  if (section === null) return fail(d, "a section that a START declared", `section ${id}`);
  d.section = section;
  return enter(d, section);
}

/** Takes the head of a command. */
export function stepCommandHead(d: Decoder): number {
  const command = d.view.getUint16(1);
  const length = d.view.getUint16(3);
  const expected = COMMAND_LENGTH[command];
  if (expected === undefined || command === 0) fail(d, "a command", `${command}`);
  if (expected >= 0 && length !== expected) {
    fail(d, `command ${command} with its ${expected} bytes`, `a length of ${length}`);
  }
  d.command = command;
  d.value = 0;
  if (expected > 0) {
    extend(d, STATE.COMMAND_VALUE, COMMAND_HEAD_SIZE + expected);
    return GO_ON;
  }
  handOn(d, length);
  expect(d, STATE.TYPE, 1);
  return EVENT.COMMAND;
}

/**
 * Takes the argument of a command that has one. What PACKAGED announces with it is sections again, and is
 * read as such.
 */
export function stepCommandValue(d: Decoder): number {
  d.value = d.view.getUint32(COMMAND_HEAD_SIZE);
  d.length = 0;
  expect(d, STATE.TYPE, 1);
  return EVENT.COMMAND;
}

/** Takes the footer of the section. */
export function stepFooter(d: Decoder): number {
  const id = d.section?.id ?? 0;
  if (d.scratch[0] !== SECTION.FOOTER || d.view.getUint32(1) !== id) {
    failBytes(d, `the footer (7e) of section ${id}, ${d.section?.idstr}`);
  }
  d.at = d.stepAt;
  expect(d, STATE.TYPE, 1);
  return EVENT.SECTION_END;
}

/** Takes what follows EOF. */
export function stepAfterEof(d: Decoder): number {
  const type = d.scratch[0] ?? 0;
  if (type !== SECTION.VMDESC) {
    fail(d, "the vmdesc (06) or the end of the stream", `0x${byteHex(type)}`);
  }
  d.at = d.stepAt;
  extend(d, STATE.VMDESC_HEAD, VMDESC_HEAD_SIZE);
  return GO_ON;
}

/** Takes the length of the vmdesc. */
export function stepVmdescHead(d: Decoder): number {
  handOn(d, d.view.getUint32(1));
  expect(d, STATE.DONE, 1);
  return EVENT.VMDESC;
}

/** Nothing may follow. */
export function stepDone(d: Decoder): never {
  return failBytes(d, "the end of the stream");
}

/** Adds a section to the table, where it stays. A device declares its section twice: START, then FULL. */
function declare(d: Decoder, section: Section): Section {
  const known = d.table.get(section.id);
  if (known !== undefined) {
    if (
      known.idstr !== section.idstr || known.instance !== section.instance ||
      known.version !== section.version
    ) {
      fail(d, `section ${known.id} as ${known.idstr}, which it was`, section.idstr);
    }
    return known;
  }
  if (d.table.size >= d.maxSections) {
    fail(d, `one of at most ${d.maxSections} sections`, `section ${section.id}`);
  }
  d.table.set(section.id, section);
  return section;
}

/** The head of a section is complete: prepares for its payload. */
function enter(d: Decoder, section: Section): number {
  switch (section.kind) {
    case PAYLOAD_KIND.VFIO:
      expect(d, STATE.TAG, TAG_SIZE);
      break;
    case PAYLOAD_KIND.OWN_RAM:
      if (d.sectionType === SECTION.FULL) fail(d, "START, PART or END of RAM", "FULL");
      if (d.sectionType === SECTION.START) expect(d, STATE.OWN_RAM_SIZE, RAM_LENGTH_SIZE);
      else expect(d, STATE.OWN_RAM_LENGTH, RAM_LENGTH_SIZE);
      break;
    case PAYLOAD_KIND.QEMU_RAM:
      expect(d, STATE.RAM_WORD, 8);
      break;
    default:
      enterOther(d);
  }
  return EVENT.SECTION;
}
