import { assertEquals, assertNotEquals } from "@std/assert";
import { ERRNO, errnoName } from "./errno.ts";
import { errnoMessage } from "./errno_message.ts";
import { libcSupport } from "./support.ts";

Deno.test("an errno has the same name whether positive or as a result", () => {
  assertEquals(errnoName(42), "ENOMSG");
  assertEquals(errnoName(-42), "ENOMSG");
});

Deno.test("of two names for one number the kernel's own is told", () => {
  assertEquals(errnoName(ERRNO.ENOTSUP), "EOPNOTSUPP");
});

Deno.test("a number without a name is told as a number", () => {
  assertEquals(errnoName(-4242), "errno 4242");
  assertEquals(errnoMessage(-4242), "Unknown error");
});

Deno.test("every name finds its own number and message", () => {
  for (const [name, errno] of Object.entries(ERRNO)) {
    if (name !== "ENOTSUP") assertEquals(errnoName(errno), name);
    assertNotEquals(errnoMessage(-errno), "Unknown error", name);
  }
});

Deno.test({
  name: "numbers and messages are those of the running system's strerror",
  ignore: libcSupport() !== null,
  fn() {
    const library = Deno.dlopen("libc.so.6", {
      strerror: { parameters: ["i32"], result: "pointer" },
    });
    for (const errno of Object.values(ERRNO)) {
      const pointer = library.symbols.strerror(errno);
      const text = pointer === null ? null : Deno.UnsafePointerView.getCString(pointer);
      assertEquals(errnoMessage(errno), text);
    }
    library.close();
  },
});
