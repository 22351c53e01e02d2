import { assertEquals } from "@std/assert";
import { readDestination } from "./destination.ts";

Deno.test("null and file: are sinks, all else is a device", () => {
  assertEquals(readDestination("null"), { kind: "sink", path: null });
  assertEquals(readDestination("file:/tmp/a:b"), { kind: "sink", path: "/tmp/a:b" });
  assertEquals(readDestination("0000:3b:00.2"), { kind: "device", device: "0000:3b:00.2" });
});
