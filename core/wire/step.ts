import { stepConfigClosed, stepConfigFound } from "./decode_config.ts";
import {
  stepCapability,
  stepCapabilityCount,
  stepCapabilityHead,
  stepConfiguration,
  stepConfigurationHead,
  stepPageBits,
  stepSubsection,
  stepSubsectionHead,
  stepUuid,
} from "./decode_configuration.ts";
import { stepSkipped } from "./decode_other.ts";
import { stepOwnRamLength, stepOwnRamSize } from "./decode_own_ram.ts";
import {
  stepRamBlock,
  stepRamBlockHead,
  stepRamBody,
  stepRamName,
  stepRamNameHead,
  stepRamWord,
} from "./decode_qemu_ram.ts";
import {
  stepAfterEof,
  stepCommandHead,
  stepCommandValue,
  stepDeclaration,
  stepDeclarationHead,
  stepDone,
  stepFileHeader,
  stepFooter,
  stepPartHead,
  stepType,
  stepVmdescHead,
} from "./decode_section.ts";
import {
  stepConfigEnd,
  stepConfigLength,
  stepDataSize,
  stepSetupEnd,
  stepTag,
} from "./decode_vfio.ts";
import type { Decoder } from "./decoder.ts";
import { STATE } from "./state.ts";

/** Takes the step that the decoder is at, with the bytes it needs: an event, or `GO_ON`. */
export function step(d: Decoder): number {
  switch (d.state) {
    case STATE.TAG:
      return stepTag(d);
    case STATE.DATA_SIZE:
      return stepDataSize(d);
    case STATE.FOOTER:
      return stepFooter(d);
    case STATE.FIRST_TYPE:
    case STATE.AFTER_CONFIGURATION:
    case STATE.TYPE:
      return stepType(d);
    case STATE.PART_HEAD:
      return stepPartHead(d);
    case STATE.RAM_WORD:
      return stepRamWord(d);
    case STATE.RAM_BODY:
      return stepRamBody(d);
    case STATE.OWN_RAM_LENGTH:
      return stepOwnRamLength(d);
    case STATE.FILE_HEADER:
      return stepFileHeader(d);
    case STATE.CONFIGURATION_HEAD:
      return stepConfigurationHead(d);
    case STATE.CONFIGURATION:
      return stepConfiguration(d);
    case STATE.SUBSECTION_HEAD:
      return stepSubsectionHead(d);
    case STATE.SUBSECTION:
      return stepSubsection(d);
    case STATE.PAGE_BITS:
      return stepPageBits(d);
    case STATE.UUID:
      return stepUuid(d);
    case STATE.CAPABILITY_COUNT:
      return stepCapabilityCount(d);
    case STATE.CAPABILITY_HEAD:
      return stepCapabilityHead(d);
    case STATE.CAPABILITY:
      return stepCapability(d);
    case STATE.DECLARATION_HEAD:
      return stepDeclarationHead(d);
    case STATE.DECLARATION:
      return stepDeclaration(d);
    case STATE.COMMAND_HEAD:
      return stepCommandHead(d);
    case STATE.COMMAND_VALUE:
      return stepCommandValue(d);
    case STATE.AFTER_EOF:
      return stepAfterEof(d);
    case STATE.VMDESC_HEAD:
      return stepVmdescHead(d);
    case STATE.SETUP_END:
      return stepSetupEnd(d);
    case STATE.CONFIG_LENGTH:
      return stepConfigLength(d);
    case STATE.CONFIG_END:
      return stepConfigEnd(d);
    case STATE.CONFIG_FOUND:
      return stepConfigFound(d);
    case STATE.CONFIG_CLOSED:
      return stepConfigClosed(d);
    case STATE.OWN_RAM_SIZE:
      return stepOwnRamSize(d);
    case STATE.RAM_NAME_HEAD:
      return stepRamNameHead(d);
    case STATE.RAM_NAME:
      return stepRamName(d);
    case STATE.RAM_BLOCK_HEAD:
      return stepRamBlockHead(d);
    case STATE.RAM_BLOCK:
      return stepRamBlock(d);
    case STATE.SKIPPED:
      return stepSkipped(d);
  }
  return stepDone(d);
}
