import { assertEquals } from "@std/assert";
import {
  GROUP_STATUS,
  GROUP_STATUS_SIZE,
  readGroupStatus,
  writeGroupStatus,
} from "./group_status.ts";

Deno.test("a request has its size and no flags; an answer's flags are where the kernel puts them", () => {
  const bytes = new Uint8Array(4 + GROUP_STATUS_SIZE).fill(0xee);
  const view = new DataView(bytes.buffer);
  writeGroupStatus(view, 4);
  assertEquals([...bytes], [0xee, 0xee, 0xee, 0xee, 8, 0, 0, 0, 0, 0, 0, 0]);
  bytes.set([3, 0, 0, 0], 8);
  assertEquals(readGroupStatus(view, 4), GROUP_STATUS.VIABLE | GROUP_STATUS.CONTAINER_SET);
});
