import { assertEquals, assertStringIncludes } from "@std/assert";
import { withCalls } from "../../device/region/testdata/recorded_device.ts";
import { regionMigrationBlocker } from "./blocker.ts";
import { partsOf } from "./testdata/parts.ts";

Deno.test("version 1 is off by default, and says how it is switched on", () => {
  const { device } = partsOf();
  const reason = regionMigrationBlocker(device, false) ?? "";
  assertStringIncludes(reason, "Cannot migrate nic0 with protocol v1");
  assertStringIncludes(reason, "x_enable_migration");
  assertEquals(regionMigrationBlocker(device, true), null);
});

Deno.test("an IOMMU that cannot track dirty pages, and a region without room, block migration", () => {
  const { device } = partsOf();
  const reasonOf = (calls: Parameters<typeof withCalls>[1]) =>
    regionMigrationBlocker(withCalls(device, calls), true) ?? "";
  assertStringIncludes(
    reasonOf({ canTrackDirtyPages: false }),
    "its IOMMU cannot track dirty pages",
  );
  assertStringIncludes(reasonOf({ regionSize: 0 }), "received a migration region of 0 bytes");
  assertStringIncludes(reasonOf({ regionSize: 32 }), "received a migration region of 32 bytes");
});

Deno.test("a device that is off says so first", () => {
  const device = withCalls(partsOf().device, { canTrackDirtyPages: false });
  assertStringIncludes(regionMigrationBlocker(device, false) ?? "", "experiment");
});
