import { assertEquals } from "@std/assert";
import { kernelComplaint, lastWords } from "./kernel_complaint.ts";

const QUIET = Array.from({ length: 30 }, (_, at) => `[    ${at}.000000] line ${at}`).join("\r\n");

Deno.test("kernelComplaint begins with the cause", () => {
  const console =
    `${QUIET}\r\n[   31.5] BUG: kernel NULL pointer dereference\r\n[   31.6] Oops: 0000\r\n`;
  assertEquals(kernelComplaint(console), ["BUG: kernel NULL pointer dereference", "Oops: 0000"]);
  assertEquals(lastWords(console), kernelComplaint(console));
});

Deno.test("kernelComplaint is empty where all is well", () => {
  assertEquals(kernelComplaint(QUIET), []);
  assertEquals(kernelComplaint(""), []);
  assertEquals(kernelComplaint("[    1.0] a DEBUG: line of a driver\n"), []);
});

Deno.test("kernelComplaint knows the first process's words", () => {
  assertEquals(kernelComplaint("init: cannot mount /root: No such device\n"), [
    "init: cannot mount /root: No such device",
  ]);
});

Deno.test("lastWords are the end where there is no complaint", () => {
  assertEquals(lastWords(QUIET).length, 15);
  assertEquals(lastWords(QUIET).at(-1), "line 29");
});
