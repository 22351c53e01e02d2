import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { addressText, isOfThisMachine, readAddress } from "./address.ts";

Deno.test("an address is a unix socket's path, or a host and port, or a port of the loopback", () => {
  for (
    const [text, address, again] of [
      ["unix:/tmp/a b.sock", { kind: "unix", path: "/tmp/a b.sock" }, undefined],
      ["unix:relative", { kind: "unix", path: "relative" }, undefined],
      ["tcp:7000", { kind: "tcp", host: "127.0.0.1", port: 7000 }, "tcp:127.0.0.1:7000"],
      ["tcp:localhost:0", { kind: "tcp", host: "127.0.0.1", port: 0 }, "tcp:127.0.0.1:0"],
      ["tcp:192.0.2.7:7000", { kind: "tcp", host: "192.0.2.7", port: 7000 }, undefined],
      ["tcp:[::1]:7000", { kind: "tcp", host: "::1", port: 7000 }, undefined],
    ] as const
  ) {
    assertEquals(readAddress("--listen", text), address);
    assertEquals(addressText(address), again ?? text);
  }
});

Deno.test("what is no address is refused in one line that says what one looks like", () => {
  for (
    const [text, why] of [
      ["", "expected unix:/path"],
      ["7000", "expected unix:/path"],
      ["unix:", "needs a path"],
      [`unix:/${"x".repeat(107)}`, "at most 107 bytes"],
      ["unix:/a\0b", "no NUL"],
      ["tcp:", "expected"],
      ["tcp:host:7000", "names are not looked up"],
      ["tcp::7000", "an empty host"],
      ["tcp:::1:7000", "expected"],
      ["tcp:256.0.0.1:7000", "no address"],
      ["tcp:65536", "at most 65535"],
      ["tcp:127.0.0.1:70000", "at most 65535"],
      ["tcp:127.0.0.1:-1", "expected"],
      ["udp:7000", "expected"],
    ] as const
  ) {
    const error = assertThrows(() => readAddress("--connect", text), UsageError, why);
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("the loopback and unix sockets are of this machine, and nothing else is", () => {
  const of = (text: string) => isOfThisMachine(readAddress("--listen", text));
  for (const text of ["unix:/a", "tcp:1", "tcp:127.9.9.9:1", "tcp:[::1]:1"]) {
    assertEquals(of(text), true, text);
  }
  for (const text of ["tcp:0.0.0.0:1", "tcp:[::]:1", "tcp:192.0.2.7:1", "tcp:1.127.0.0:1"]) {
    assertEquals(of(text), false, text);
  }
});
