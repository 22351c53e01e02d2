import { assertEquals, assertThrows } from "@std/assert";
import { check, close, memfdCreate, pwrite, regionOf } from "../../core/libc/mod.ts";
import { digestImages } from "./digest_images.ts";

function imageOf(bytes: Uint8Array): { fd: number; length: number } {
  const fd = check(memfdCreate("image"), "memfd_create", "make an image");
  if (bytes.length > 0) {
    const region = regionOf(new ArrayBuffer(bytes.length));
    region.bytes.set(bytes);
    assertEquals(pwrite(fd, region.pointer, bytes.length, 0), bytes.length);
  }
  return { fd, length: bytes.length };
}

Deno.test("a digest is the SHA-256 of all bytes, over the blocks' borders too", async () => {
  for (const length of [0, 1, 1024 * 1024, 1024 * 1024 + 1, 3 * 1024 * 1024 - 7]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 9));
    const image = imageOf(bytes);
    const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    assertEquals(digestImages([image]), [{ length, sha256: expected }]);
    close(image.fd);
  }
});

Deno.test("an image that is shorter than it says is no image", () => {
  const { fd } = imageOf(new Uint8Array(10));
  assertThrows(() => digestImages([{ fd, length: 11 }]), Error, "at 10");
  close(fd);
});
