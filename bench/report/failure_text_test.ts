import { assertEquals } from "@std/assert";
import { failureText } from "./failure_text.ts";

Deno.test("what was injected is told first, what QEMU would say last", () => {
  const message = "Cannot read of nic0";
  const says = [
    failureText({ message, qemu_says: "failed" }),
    failureText({ message, qemu_says: "completed" }),
    failureText({ message, qemu_says: "failed", injected: ["read gives EIO"] }),
    failureText({ message, qemu_says: "completed", injected: ["lies"] }),
  ];
  assertEquals(says, [
    message,
    `${message} (QEMU would say: completed)`,
    `injected: ${message}`,
    `injected: ${message} (QEMU would say: completed)`,
  ]);
});
