import { assertEquals, assertThrows } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { check, SystemCallError } from "./system_call_error.ts";

Deno.test("check passes on what is no error", () => {
  assertEquals(check(0, "close", "close it"), 0);
  assertEquals(check(7, "open", "open it"), 7);
});

Deno.test("check throws what could not be done, by which call, and why", () => {
  const error = assertThrows(
    () => check(-ERRNO.ENOENT, "open", "read scenario a.json"),
    SystemCallError,
  );
  assertEquals(
    error.message,
    "Cannot read scenario a.json: open gave ENOENT (No such file or directory)",
  );
  assertEquals(error.name, "SystemCallError");
  assertEquals([error.call, error.errno, error.errnoName], ["open", 2, "ENOENT"]);
});
