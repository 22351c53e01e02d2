import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../libc/mod.ts";
import { playVirtual, wrapDevice } from "./testdata/virtual_setup.ts";
import { createInterruptions, isInterrupted, MAX_INTERRUPTIONS } from "./uninterrupted.ts";

const { EINTR, EAGAIN } = ERRNO;
const DEVICE = { state_size: 8 * 1024 * 1024, initial_fraction: 0.5 };

/** How often it says "again" to a call that is interrupted for ever. */
function retries(): number {
  const interruptions = createInterruptions();
  let n = 0;
  while (isInterrupted(interruptions, -EINTR)) n++;
  return n;
}

Deno.test("an interrupted call is made again, and not for ever", () => {
  assertEquals(retries(), MAX_INTERRUPTIONS - 1);
});

Deno.test("any other answer ends the row", () => {
  const interruptions = createInterruptions();
  for (let i = 0; i < 3 * MAX_INTERRUPTIONS; i++) {
    assert(isInterrupted(interruptions, -EINTR));
    assertEquals(isInterrupted(interruptions, i % 2 === 0 ? 0 : -EAGAIN), false);
  }
});

/** Reads and writes that are interrupted every other time. */
function migrate(multifd: boolean, everyTime = false) {
  let reads = 0;
  let writes = 0;
  return playVirtual({
    profiles: [DEVICE],
    ...(multifd ? { multifd: { channels: 2, maxQueuedBytes: 0 } } : {}),
    wrapSource: (device) =>
      wrapDevice(device, {
        read: (region, length, calls) =>
          everyTime || reads++ % 2 === 0 ? -EINTR : device.read(region, length, calls),
      }),
    wrapDestination: (device) =>
      wrapDevice(device, {
        write: (region, offset, length) =>
          writes++ % 2 === 0 ? -EINTR : device.write(region, offset, length),
      }),
  });
}

for (const multifd of [false, true]) {
  const how = multifd ? "over multifd" : "over the main channel";
  Deno.test(`a migration bears interrupted reads and writes ${how}`, () => {
    const { source, destination } = migrate(multifd);
    assertEquals([source.failure, destination.failure, destination.refusals], [null, null, []]);
    assertEquals(destination.devices[0]?.loadedBytes, bytesOf(source));
  });

  Deno.test(`a read that is always interrupted fails with EINTR ${how}`, () => {
    const { source } = migrate(multifd, true);
    const { device, call, errno } = source.failure ?? {};
    assertEquals([device, call, errno], ["nic0", "read", "EINTR"]);
    assertEquals(source.devices[0]?.leftIn, "RUNNING");
  });
}

function bytesOf({ devices }: ReturnType<typeof migrate>["source"]): number {
  return devices.reduce((sum, d) => sum + d.precopyBytes + d.stopCopyBytes, 0);
}
