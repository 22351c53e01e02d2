import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  encodeFrame,
  FRAME_SIZE,
  frameDevice,
  frameKind,
  frameLength,
  isFrame,
} from "./stream_frame.ts";

Deno.test("a frame comes back as it was written, wherever it lies", () => {
  const u32 = fc.nat(2 ** 32 - 1);
  fc.assert(fc.property(u32, u32, u32, fc.nat(20), (kind, device, length, at) => {
    const view = new DataView(new ArrayBuffer(at + FRAME_SIZE));
    encodeFrame(new DataView(view.buffer, at), kind, device, length);
    assertEquals(isFrame(view, at), true);
    assertEquals(
      [frameKind(view, at), frameDevice(view, at), frameLength(view, at)],
      [kind, device, length],
    );
  }));
});

Deno.test("a frame lies in its 16 bytes as documented", () => {
  const view = new DataView(new ArrayBuffer(FRAME_SIZE));
  assertEquals(isFrame(view, 0), false);
  encodeFrame(view, 2, 3, 0x01020304);
  assertEquals(
    new Uint8Array(view.buffer).toHex(),
    "56474d46" + "02000000" + "03000000" + "04030201",
  );
});
