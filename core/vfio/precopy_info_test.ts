import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  kernelPrecopyFlags,
  PRECOPY_INFO,
  PRECOPY_INFO_SIZE,
  readPrecopyInfo,
  writePrecopyInfo,
} from "./precopy_info.ts";

Deno.test("a precopy info has the kernel's layout", () => {
  const bytes = new Uint8Array(2 + PRECOPY_INFO_SIZE + 2).fill(0xee);
  writePrecopyInfo(new DataView(bytes.buffer), 2, {
    flags: PRECOPY_INFO.REINIT,
    initialBytes: 1048960, // 0x100180
    dirtyBytes: -5,
  });
  // deno-fmt-ignore
  assertEquals([...bytes], [
    0xee, 0xee,
    24, 0, 0, 0,
    1, 0, 0, 0,
    0x80, 0x01, 0x10, 0, 0, 0, 0, 0,
    0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xee, 0xee,
  ]);
});

Deno.test("readPrecopyInfo() takes back what writePrecopyInfo() wrote", () => {
  const size = fc.oneof(fc.maxSafeNat(), fc.integer({ min: -133, max: -1 }));
  const info = fc.record({
    flags: fc.nat(0xffffffff),
    initialBytes: size,
    dirtyBytes: size,
  }, { noNullPrototype: true });
  const view = new DataView(new ArrayBuffer(64));
  const into = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
  fc.assert(fc.property(info, fc.nat(40), (expected, offset) => {
    writePrecopyInfo(view, offset, expected);
    readPrecopyInfo(view, offset, into);
    assertEquals(into, expected);
  }));
});

Deno.test("without the opt-in the flags come back as the caller gave them, REINIT or not", () => {
  for (const reinit of [false, true]) {
    for (const callerFlags of [0, 1, 0xffffffff]) {
      assertEquals(kernelPrecopyFlags({ optedIn: false, reinit, callerFlags }), callerFlags);
    }
  }
});

Deno.test("with the opt-in the flags say REINIT or nothing, whatever the caller gave", () => {
  for (const callerFlags of [0, 1, 0xffffffff]) {
    assertEquals(kernelPrecopyFlags({ optedIn: true, reinit: true, callerFlags }), 1);
    assertEquals(kernelPrecopyFlags({ optedIn: true, reinit: false, callerFlags }), 0);
  }
});
