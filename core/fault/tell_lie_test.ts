import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../libc/errno.ts";
import { PRECOPY_INFO, type PrecopyInfo } from "../vfio/precopy_info.ts";
import { LIE_NAMES, type LieName, lieOf } from "./lie.ts";
import {
  createLieMemory,
  type LieMemory,
  notePrecopyInfoQuery,
  noteSizeQuery,
  tellPrecopyInfo,
  tellRead,
  tellSize,
} from "./tell_lie.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const { REINIT } = PRECOPY_INFO;

/** What is said of these sizes, one query after the other. */
function sizes(lie: LieName, ...truths: number[]): (number | null)[] {
  const memory = createLieMemory();
  return truths.map((truth) => {
    const told = tellSize(lie, memory, truth);
    noteSizeQuery(memory, truth);
    return told;
  });
}

/** What is said of these initial and dirty bytes, flags last; or the errno. */
function infos(
  lie: LieName,
  truths: readonly (readonly [initial: number, dirty: number])[],
  given: Partial<LieMemory> = {},
): (number | number[])[] {
  const memory = { ...createLieMemory(), ...given };
  return truths.map(([initialBytes, dirtyBytes]) => {
    const truth: PrecopyInfo = { flags: 0, initialBytes, dirtyBytes };
    const info = { ...truth };
    const result = tellPrecopyInfo(lie, memory, info);
    notePrecopyInfoQuery(memory, truth);
    return result < 0 ? result : [info.initialBytes, info.dirtyBytes, info.flags];
  });
}

Deno.test("sizes: each lie in its own way", () => {
  assertEquals(sizes("size-constant", 5, MIB), [64 * KIB, 64 * KIB]);
  assertEquals(sizes("size-stuck", 10 * MIB, 3 * MIB, 0), [10 * MIB, 10 * MIB, 10 * MIB]);
  assertEquals(sizes("size-zero", MIB), [0]);
  assertEquals(sizes("size-too-small", 16 * MIB, 5, 0), [MIB, 1, 0]);
  assertEquals(sizes("size-too-large", MIB), [16 * MIB]);
  assertEquals(sizes("size-error", MIB), [null]);
  assertEquals(sizes("size-negative", MIB), [-ERRNO.EINVAL]);
  assertEquals(sizes("size-growing", MIB, MIB, 0), [2 * MIB, 3 * MIB, 3 * MIB]);
});

Deno.test("precopy info: each lie in its own way", () => {
  const falling = [[100, 0], [60, 20], [0, 5]] as const;
  assertEquals(infos("precopy-error", [[1, 1]]), [-ERRNO.EIO]);
  assertEquals(infos("precopy-zero", falling), [[0, 0, 0], [0, 0, 0], [0, 0, 0]]);
  assertEquals(infos("precopy-too-small", [[160, 33], [0, 1]]), [[10, 2, 0], [0, 1, 0]]);
  assertEquals(infos("precopy-too-large", [[2, 3]]), [[32, 48, 0]]);
  assertEquals(infos("precopy-stuck", falling), [[100, 0, 0], [100, 0, 0], [100, 0, 0]]);
  assertEquals(infos("precopy-negative", [[100, 7]]), [[-ERRNO.EINVAL, 7, 0]]);
  assertEquals(infos("precopy-double", [[100, 7]]), [[100, 107, 0]]);
  assertEquals(infos("initial-growing", falling), [
    [100 + 64 * KIB, 0, 0],
    [60 + 128 * KIB, 20, 0],
    [192 * KIB, 5, 0],
  ]);
  assertEquals(infos("dirty-constant", [[0, 5], [0, 2 * MIB]]), [[0, MIB, 0], [0, 2 * MIB, 0]]);
  assertEquals(infos("reinit-first", falling), [[100, 0, REINIT], [60, 20, 0], [0, 5, 0]]);
  assertEquals(infos("reinit-empty", falling), [[100, 0, 0], [0, 0, REINIT], [0, 5, 0]]);
  assertEquals(infos("reinit-forever", falling), [
    [100, 0, REINIT],
    [80, 0, REINIT],
    [5, 0, REINIT],
  ]);
});

Deno.test("garbage flags: the kernel clears REINIT for who opted in, and nothing for who did not", () => {
  assertEquals(infos("garbage-flags", [[1, 0]]), [[1, 0, 0xffff_ffff]]);
  assertEquals(infos("garbage-flags", [[1, 0]], { optedIn: true }), [[1, 0, 0xffff_fffe]]);
});

Deno.test("reads: what comes instead of data, and in which state", () => {
  const memory = createLieMemory();
  const later = { ...memory, stoppedReads: 1 };
  assertEquals([
    tellRead("enomsg-forever", memory, false),
    tellRead("enomsg-forever", memory, true),
  ], [
    "ENOMSG",
    null,
  ]);
  assertEquals([
    tellRead("enomsg-at-stop", memory, false),
    tellRead("enomsg-at-stop", memory, true),
  ], [
    null,
    "ENOMSG",
  ]);
  assertEquals([tellRead("ends-early", memory, true), tellRead("ends-early", later, true)], [
    null,
    "end",
  ]);
  assertEquals(tellRead("ends-early", later, false), null);
});

Deno.test("every lie changes one thing, and is honest about the rest", () => {
  for (const lie of LIE_NAMES) {
    const memory = { ...createLieMemory(), sizeQueries: 1, infoQueries: 1, stoppedReads: 1 };
    const info = { flags: 0, initialBytes: 48 * MIB, dirtyBytes: 7 };
    const truth = { ...info };
    const isAboutSize = tellSize(lie, memory, 33 * MIB) !== 33 * MIB;
    const isAboutInfo = tellPrecopyInfo(lie, memory, info) < 0 ||
      JSON.stringify(info) !== JSON.stringify(truth) || lie === "reinit-first";
    const isAboutReads = tellRead(lie, memory, true) !== null ||
      tellRead(lie, memory, false) !== null;
    const about = [isAboutSize, isAboutInfo, isAboutReads].filter(Boolean).length;
    const isDevices = lie === "state-unchanged" || lie === "bytes-changed" ||
      lie === "surplus-at-end";
    assertEquals(about, isDevices ? 0 : 1, lie);
    assertEquals(isAboutSize, lie.startsWith("size-"), lie);
  }
});

Deno.test("every lie says what it is, and who can hear it", () => {
  for (const lie of LIE_NAMES) {
    const { description, sides, v1, precopy } = lieOf(lie);
    assert(description.endsWith("."), lie);
    assert(sides.length > 0, lie);
    assert(!(v1 && precopy), `${lie}: protocol v1 has no PRE_COPY state`);
  }
});
