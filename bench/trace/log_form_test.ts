import { assertEquals } from "@std/assert";
import { formOf, logPrefix } from "./log_form.ts";

Deno.test("each policy writes as its generation does", () => {
  assertEquals(
    (["qemu-8.1", "qemu-9.2", "qemu-11.1"] as const).map(formOf),
    ["qemu-10.0", "qemu-10.0", "qemu-11.1"],
  );
});

Deno.test("the prefix keeps its six digits, and says UTC", () => {
  assertEquals(logPrefix("qemu-10.0", 111, 1795209451000007), "111@1795209451.000007:");
  assertEquals(logPrefix("qemu-11.1", 111, 946684800000000), "2000-01-01T00:00:00.000000Z ");
  assertEquals(logPrefix("qemu-11.1", 111, 946684799999999), "1999-12-31T23:59:59.999999Z ");
});
