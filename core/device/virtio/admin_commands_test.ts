import { assertEquals } from "@std/assert";
import { createVirtualClock } from "../../clock/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import {
  borrowObject,
  createAdminCommands,
  createObject,
  destroyObject,
  hasObject,
  spendCommands,
} from "./admin_commands.ts";
import { createPartsObjects, PARTS_OBJECT } from "./parts_objects.ts";

const { GET, SET } = PARTS_OBJECT;

Deno.test("commands cost their number and the device's time, less what has gone by", () => {
  const clock = createVirtualClock();
  const admin = createAdminCommands(clock, 2, createPartsObjects());
  spendCommands(admin, 0, 3, 10);
  assertEquals(clock.nowNs(), 16e6);
  clock.sleepNs(3e6);
  spendCommands(admin, 16e6, 1, 5);
  assertEquals(clock.nowNs(), 23e6);
  clock.sleepNs(100e6);
  spendCommands(admin, 23e6, 1, 5);
  assertEquals(clock.nowNs(), 123e6);
});

Deno.test("a session has one object, a question borrows another", () => {
  const objects = createPartsObjects(2);
  const admin = createAdminCommands(createVirtualClock(), 0, objects);
  assertEquals(hasObject(admin), false);
  assertEquals(createObject(admin, SET), 0);
  assertEquals([hasObject(admin), objects.inUse], [true, 1]);
  assertEquals(borrowObject(admin), 0);
  assertEquals([hasObject(admin), objects.inUse], [true, 1]);
  const other = createAdminCommands(createVirtualClock(), 0, objects);
  assertEquals(createObject(other, GET), 0);
  assertEquals([...objects.types], [SET, GET]);
  assertEquals(borrowObject(admin), -ERRNO.ENOSPC);
  destroyObject(admin);
  assertEquals([hasObject(admin), objects.inUse], [false, 1]);
});
