import { assertEquals } from "@std/assert";
import {
  DEVICE_INFO,
  DEVICE_INFO_SIZE,
  readDeviceInfoFlags,
  writeDeviceInfo,
} from "./device_info.ts";

Deno.test("a request has its size and nothing else; an answer's flags are where the kernel puts them", () => {
  const bytes = new Uint8Array(DEVICE_INFO_SIZE).fill(0xee);
  const view = new DataView(bytes.buffer);
  writeDeviceInfo(view, 0);
  assertEquals([...bytes], [24, ...Array(23).fill(0)]);
  bytes.set([3, 0, 0, 0], 4);
  assertEquals(readDeviceInfoFlags(view, 0), DEVICE_INFO.RESET | DEVICE_INFO.PCI);
});
