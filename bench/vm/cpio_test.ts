import { assertEquals } from "@std/assert";
import { cpio } from "./cpio.ts";

/** Reads an archive as the kernel does. */
function entries(archive: Uint8Array): { name: string; mode: number; text: string }[] {
  const decoder = new TextDecoder();
  const found = [];
  for (let at = 0; at < archive.length;) {
    assertEquals(decoder.decode(archive.subarray(at, at + 6)), "070701");
    const field = (index: number) =>
      parseInt(decoder.decode(archive.subarray(at + 6 + 8 * index, at + 14 + 8 * index)), 16);
    const mode = field(1), size = field(6), nameSize = field(11);
    const name = decoder.decode(archive.subarray(at + 110, at + 110 + nameSize - 1));
    const data = at + Math.ceil((110 + nameSize) / 4) * 4;
    found.push({ name, mode, text: decoder.decode(archive.subarray(data, data + size)) });
    at = data + Math.ceil(size / 4) * 4;
  }
  return found;
}

Deno.test("cpio holds files, and the folders above them once", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const archive = cpio([
    { path: "init", bytes: bytes("#!"), executable: true },
    { path: "modules/a.ko", bytes: bytes("module a") },
    { path: "modules/order", bytes: bytes("") },
  ]);
  assertEquals(entries(archive), [
    { name: "init", mode: 0o100755, text: "#!" },
    { name: "modules", mode: 0o040755, text: "" },
    { name: "modules/a.ko", mode: 0o100644, text: "module a" },
    { name: "modules/order", mode: 0o100644, text: "" },
    { name: "TRAILER!!!", mode: 0, text: "" },
  ]);
});

Deno.test("cpio writes the same bytes for the same files", () => {
  const files = [{ path: "a", bytes: new Uint8Array([1, 2, 3]) }];
  assertEquals(cpio(files), cpio(files));
});
