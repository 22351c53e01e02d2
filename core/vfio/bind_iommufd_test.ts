import { assertEquals } from "@std/assert";
import { BIND_IOMMUFD_SIZE, readBoundDevid, writeBindIommufd } from "./bind_iommufd.ts";

Deno.test("a request names the iommufd, an answer the device", () => {
  const bytes = new Uint8Array(BIND_IOMMUFD_SIZE).fill(0xee);
  const view = new DataView(bytes.buffer);
  writeBindIommufd(view, 0, 11);
  assertEquals([...bytes], [16, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0]);
  bytes.set([7, 1, 0, 0], 12);
  assertEquals(readBoundDevid(view, 0), 0x107);
});
