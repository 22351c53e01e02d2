import { assert, assertEquals, assertLess } from "@std/assert";
import { staticModules } from "../testdata/static_modules.ts";

// The first trial of a kind has two new Workers, and both wait for every one of these modules to be found, read and
// compiled. What a plan may need and a simulated device over a ring does not is loaded by `import()` where a plan has it.

/** How many a Worker may load; there were 235 when all devices and channels came along. */
const MOST_MODULES = 140;

/** What no Worker loads before it has a plan that needs it. */
const NOT_AT_ONCE = [
  "npm:",
  "node:",
  "bench/report/",
  "bench/scenario/",
  "bench/store/",
  "core/channel/open_channel.ts",
  "core/channel/stream_",
  "core/channel/virtual_channel.ts",
  "core/device/faulty/faulty_",
  "core/device/kernel/kernel_device.ts",
  "core/device/recorded/",
  "core/device/region/simulated_region_device.ts",
  "core/device/replayed/replayed_device.ts",
  "core/device/sink/",
  "core/device/virtio/",
  "core/fault/",
  "core/migration/multifd",
  "core/migration/replay/",
  "core/migration/virtual_",
  "core/wire/decode",
  "core/wire/mod.ts",
];

Deno.test("a trial's Worker loads little, and nothing that its plan may not need", async () => {
  const modules = await staticModules("bench/trial/worker.ts");
  assert(modules.includes("core/migration/source.ts"), "the list is of another file");
  assertEquals(modules.filter((name) => NOT_AT_ONCE.some((start) => name.startsWith(start))), []);
  assertLess(modules.length, MOST_MODULES);
});
