import { assertEquals, assertThrows } from "@std/assert";
import {
  createDeviceStateHead,
  encodeChannelInit,
  encodeDeviceStateHead,
  encodeHeader,
  patchDeviceStateHead,
} from "./encode.ts";
import { MULTIFD_FLAG } from "./layout.ts";

const HEAD = createDeviceStateHead("0000:00:05.0/vfio", 0);

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

Deno.test("vector: device-state packet, idx 0, data deadbeef (292 bytes)", () => {
  const bytes = new Uint8Array(292).fill(0xaa);
  const view = new DataView(bytes.buffer);
  const length = encodeDeviceStateHead(view, 0, HEAD, 0, false, 4);
  view.setUint32(length, 0xdeadbeef);
  const idstr = "303030303a30303a30352e302f7666696f" + "00".repeat(256 - 17);
  assertEquals(
    hex(bytes),
    "112233440000000100000040" + idstr +
      "0000000000000010" + "000000000000000000000000" + "deadbeef",
  );
});

Deno.test("a head at an offset touches its 288 bytes alone", () => {
  const bytes = new Uint8Array(8 + 288 + 8).fill(0xaa);
  const view = new DataView(bytes.buffer);
  assertEquals(encodeDeviceStateHead(view, 8, HEAD, 0x01020304, true, 4132), 288);
  assertEquals(hex(bytes.subarray(0, 8)), "aa".repeat(8));
  assertEquals(hex(bytes.subarray(296)), "aa".repeat(8));
  assertEquals(
    hex(bytes.subarray(8 + 268, 296)),
    "00000000" + "00001030" + "000000000102030400000001",
  );
});

Deno.test("a patched head is the same as one encoded anew", () => {
  const patched = new DataView(new ArrayBuffer(288));
  encodeDeviceStateHead(patched, 0, HEAD, 0xfffffffe, true, 0xfffffff3);
  assertEquals(patchDeviceStateHead(patched, 0, 3, false, 77), 288);
  const anew = new DataView(new ArrayBuffer(288));
  encodeDeviceStateHead(anew, 0, HEAD, 3, false, 77);
  assertEquals(patched, anew);
});

Deno.test("the init packet is 64 bytes: magic, version, uuid, id, zeros", () => {
  const bytes = new Uint8Array(64 + 1).fill(0xaa);
  const uuid = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
  assertEquals(encodeChannelInit(new DataView(bytes.buffer), 0, uuid, 3), 64);
  assertEquals(
    hex(bytes),
    "1122334400000001" + "0102030405060708090a0b0c0d0e0f10" + "03" + "00".repeat(39) + "aa",
  );
});

Deno.test("the common header is 12 bytes", () => {
  const bytes = new Uint8Array(12);
  assertEquals(encodeHeader(new DataView(bytes.buffer), 0, MULTIFD_FLAG.SYNC), 12);
  assertEquals(hex(bytes), "112233440000000100000001");
});

Deno.test("a device's name must fit with its NUL, and its instance in a u32", () => {
  assertEquals(createDeviceStateHead("x".repeat(255), 0xffffffff).idstrBytes.length, 256);
  for (const name of ["", "x".repeat(256), "a\0b", "é".repeat(128)]) {
    assertThrows(() => createDeviceStateHead(name, 0), RangeError, "Cannot encode an idstr");
  }
  for (const id of [-1, 2 ** 32, 0.5]) {
    assertThrows(() => createDeviceStateHead("x", id), RangeError, "Cannot encode an instance_id");
  }
});

Deno.test("what does not fit in a head is not written modulo 2^32", () => {
  const view = new DataView(new ArrayBuffer(288));
  for (const idx of [-1, 0xffffffff, 2 ** 32, NaN]) {
    assertThrows(() => encodeDeviceStateHead(view, 0, HEAD, idx, false, 0), RangeError, "idx");
  }
  for (const length of [-1, 2 ** 32 - 12, NaN]) {
    assertThrows(
      () => encodeDeviceStateHead(view, 0, HEAD, 0, false, length),
      RangeError,
      "length",
    );
  }
});
