import { assertEquals, assertStringIncludes } from "@std/assert";
import { createLane } from "../clock/mod.ts";
import { GENERIC_PROFILE } from "../device/mod.ts";
import { REGION_DEFAULTS, SimulatedRegionDevice } from "../device/region/mod.ts";
import { withCalls } from "../device/region/testdata/recorded_device.ts";
import { NO_COSTS, POLICIES, runVirtualMigration, type VirtualReport } from "./mod.ts";
import { MIB, OPTIONS } from "./testdata/virtual_setup.ts";

function play(xEnableMigration: boolean, canTrackDirtyPages = true): VirtualReport {
  const profile = { ...GENERIC_PROFILE, state_size: 8 * MIB, initial_fraction: 0.5 };
  return runVirtualMigration({
    policy: POLICIES["qemu-8.1"],
    options: { ...OPTIONS, availSwitchoverBandwidth: 1e9, xEnableMigration },
    costs: NO_COSTS,
    link: { bandwidth: 1e9, latency_ns: 50_000, window: 10 * MIB },
    build(sourceClock, destinationClock) {
      const common = { id: "gpu0", profile, region: REGION_DEFAULTS, memory: null };
      const [here, there] = [createLane(sourceClock), createLane(destinationClock)];
      const saving = new SimulatedRegionDevice({ ...common, clock: here });
      const headerFeed = saving.stream.headerLog;
      const loading = new SimulatedRegionDevice({ ...common, clock: there, headerFeed });
      return {
        sources: [{ device: withCalls(saving, { canTrackDirtyPages }), lane: here }],
        destinations: [{ device: loading, lane: there }],
        ram: null,
        ramLoader: null,
      };
    },
  });
}

Deno.test("a device of protocol v1 goes through a whole migration, in precopy and after the stop", () => {
  const { source, destination } = play(true);
  assertEquals([source.failure, destination.failure, destination.refusals], [null, null, []]);
  const [device] = source.devices;
  assertEquals((device?.precopyBytes ?? 0) > 4 * MIB, true);
  assertEquals((device?.stopCopyBytes ?? 0) > 4 * MIB, true);
  assertEquals(device?.leftIn, "STOP");
});

Deno.test("a device that blocks lets no migration begin, and runs on", () => {
  for (
    const [report, reason] of [
      [play(false), "off by default"],
      [play(true, false), "cannot track dirty pages"],
    ] as const
  ) {
    const { failure, devices } = report.source;
    assertEquals([failure?.phase, failure?.device], ["setup", "gpu0"]);
    assertStringIncludes(failure?.message ?? "", reason);
    assertEquals([devices[0]?.precopyBytes, devices[0]?.leftIn], [0, "RUNNING"]);
  }
});
