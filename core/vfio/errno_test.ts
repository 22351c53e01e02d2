import { assertEquals } from "@std/assert";
import { ERRNO, errnoName } from "./errno.ts";

Deno.test("errnoName() names an errno in either sign", () => {
  for (const [name, number] of Object.entries(ERRNO)) {
    assertEquals(errnoName(number), name);
    assertEquals(errnoName(-number), name);
  }
});

Deno.test("errnoName() prints the number of an errno without a name", () => {
  assertEquals(errnoName(133), "errno 133");
  assertEquals(errnoName(-133), "errno 133");
});

// mtty and a synthetic driver, Linux 7.2, x86-64: the numbers came with these names.
Deno.test("recorded: ENODEV, EINVAL and ENOMSG have the kernel's numbers", () => {
  assertEquals([ERRNO.ENODEV, ERRNO.EINVAL, ERRNO.ENOMSG], [19, 22, 42]);
});
