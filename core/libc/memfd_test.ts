import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { close, lseek, SEEK } from "./file.ts";
import { memfdCreate } from "./memfd.ts";
import { check } from "./system_call_error.ts";

Deno.test("memfdCreate makes an empty file that /proc shows by its name", () => {
  const fd = check(memfdCreate("dst état"), "memfd_create", "make a test file");
  assertEquals(lseek(fd, 0, SEEK.SEEK_END), 0);
  close(fd);
});

Deno.test("memfdCreate refuses a name that is too long or has a NUL", () => {
  assertEquals(memfdCreate("x".repeat(250)), -ERRNO.EINVAL);
  assertEquals(memfdCreate("a\0b"), -ERRNO.EINVAL);
});
