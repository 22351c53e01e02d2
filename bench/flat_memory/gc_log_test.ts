import { assertEquals } from "@std/assert";
import { readGcLog } from "./gc_log.ts";

Deno.test("what the Workers' heaps allocated is added up, whatever stands between", () => {
  const text = [
    '[4711:0x5581aaaa:0]       50 ms: GC: {"gc":"s","allocated":777}',
    '[4711:0x5581c0a0:0]      123 ms: GC: {"pause":0.5,"gc":"s","allocated":1048576,"promoted":12}',
    "[4711:0x5581c0a0:0]      124 ms: Memory pool: Removed pages: 0, removed large pages: 0",
    ', removed zone reservations: 0[4711:0x5581ffff:0]  99 ms: GC: {"gc":"mc","allocated":24}',
    '[4711:0x5581ffff:0]      100 ms: Heap: {"allocated":5}',
    '[4711:0x5581c0a0:0]      200 ms: GC: {"gc":"s","allocated":100,"x":1}',
    '[4711:0x5581c0a0:0]      201 ms: GC: {"gc":"s","allocated":18446744073709551516,"x":1}',
  ].join("\n");
  assertEquals(readGcLog(text), { collections: 5, allocated_bytes: 1_048_600, heaps: 3 });
  assertEquals(readGcLog(""), { collections: 0, allocated_bytes: 0, heaps: 0 });
});
