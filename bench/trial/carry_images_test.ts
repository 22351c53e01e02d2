import { assertEquals, assertThrows } from "@std/assert";
import { check, close, memfdCreate, pread, pwrite, regionOf } from "../../core/libc/mod.ts";
import { carryImages } from "./carry_images.ts";
import { digestImages } from "./digest_images.ts";

function imageOf(length: number, fill: number): { fd: number; length: number } {
  const fd = check(memfdCreate("image"), "memfd_create", "make an image");
  const region = regionOf(new ArrayBuffer(Math.max(length, 1)));
  for (let i = 0; i < length; i++) region.bytes[i] = fill + i * 13;
  check(pwrite(fd, region.pointer, length, 0), "pwrite", "fill an image");
  return { fd, length };
}

Deno.test("images hold what others held, over the blocks' borders too", () => {
  const sizes = [1, 4096, 1024 * 1024 + 5];
  const from = sizes.map((size) => imageOf(size, 1));
  const to = sizes.map((size) => imageOf(size, 99));
  carryImages(from, to);
  assertEquals(digestImages(to), digestImages(from));
  for (const { fd } of [...from, ...to]) close(fd);
});

Deno.test("images of other sizes are refused, and left as they are", () => {
  const [small, large] = [imageOf(10, 1), imageOf(11, 2)];
  const before = digestImages([large]);
  assertThrows(() => carryImages([small], [large]), Error, "received 10 bytes for 11");
  assertThrows(() => carryImages([small, small], [small]), Error, "devices of other sizes");
  assertEquals(digestImages([large]), before);
  const byte = regionOf(new ArrayBuffer(1));
  assertEquals(pread(large.fd, byte.pointer, 1, 0), 1);
  for (const { fd } of [small, large]) close(fd);
});
