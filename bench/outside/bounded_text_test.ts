import { assertEquals, assertRejects } from "@std/assert";
import { readBoundedText } from "./bounded_text.ts";

Deno.test("a regular file is read, whatever bytes are in it", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, new Uint8Array([0x61, 0xff, 0x62]));
    assertEquals(await readBoundedText(path, 3), "a\ufffdb");
    await assertRejects(() => readBoundedText(path, 2), Error, "it has 3 B, more than the 2 B");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("what is no regular file is refused before it is opened", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assertRejects(() => readBoundedText(folder), Error, "it is a folder");
    await assertRejects(() => readBoundedText("/dev/zero"), Error, "it is no regular file");
    await assertRejects(() => readBoundedText(`${folder}/none`), Deno.errors.NotFound);
    const fifo = `${folder}/fifo`;
    const { success } = await new Deno.Command("mkfifo", { args: [fifo] }).output();
    assertEquals(success, true);
    // Opening it would wait for somebody who writes to it.
    await assertRejects(() => readBoundedText(fifo), Error, "it is no regular file");
    await Deno.symlink("/dev/zero", `${folder}/link`);
    await assertRejects(() => readBoundedText(`${folder}/link`), Error, "it is no regular file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
