import { assertEquals } from "@std/assert";
import { DEVICE_STATE, type DeviceState, MIGRATION, transitionPath } from "../../vfio/mod.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { arcCostMs } from "./arc_cost.ts";

const { STOP, RUNNING, STOP_COPY, RESUMING, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;
const { STOP_COPY: BASE, P2P, PRE_COPY: PRECOPY } = MIGRATION;

/** Each cost a digit of its own, so that a sum says which. */
const PROFILE: DeviceProfile = {
  ...GENERIC_PROFILE,
  precopy_enter_ms: 1,
  suspend_p2p_ms: 10,
  suspend_stop_ms: 100,
  stop_copy_enter_ms: 1000,
  resuming_enter_ms: 10_000,
  load_finish_ms: 100_000,
  resume_ms: 1_000_000,
};

/** What a request costs on a device with these flags. */
function costOf(flags: number, from: DeviceState, to: DeviceState): number {
  let sum = 0;
  for (const next of transitionPath(flags, from, to) ?? []) {
    sum += arcCostMs(PROFILE, from, next);
    from = next;
  }
  return sum;
}

Deno.test("stopping a running device costs the same with P2P and without", () => {
  assertEquals(costOf(BASE | P2P | PRECOPY, PRE_COPY, STOP_COPY), 1110);
  assertEquals(costOf(BASE | PRECOPY, PRE_COPY, STOP_COPY), 1110);
  assertEquals(costOf(BASE | P2P, RUNNING, STOP_COPY), 1110);
  assertEquals(costOf(BASE, RUNNING, STOP_COPY), 1110);
});

Deno.test("each half of a switchover costs its own part", () => {
  const all = BASE | P2P | PRECOPY;
  assertEquals(costOf(all, RUNNING, PRE_COPY), 1);
  assertEquals(costOf(all, PRE_COPY, PRE_COPY_P2P), 10);
  assertEquals(costOf(all, PRE_COPY_P2P, STOP_COPY), 1100);
  assertEquals(costOf(all, RUNNING_P2P, PRE_COPY_P2P), 1);
  assertEquals(costOf(all, STOP_COPY, STOP), 0);
  assertEquals(costOf(all, PRE_COPY, RUNNING), 0);
  assertEquals(costOf(all, PRE_COPY_P2P, PRE_COPY), 0);
});

Deno.test("the destination pays for entering, for the end of loading and once for running", () => {
  for (const flags of [BASE, BASE | P2P]) {
    assertEquals(costOf(flags, STOP, RESUMING), 10_000);
    assertEquals(costOf(flags, RESUMING, STOP), 100_000);
    assertEquals(costOf(flags, RESUMING, RUNNING), 1_100_000);
    assertEquals(costOf(flags, STOP, RUNNING), 1_000_000);
  }
  assertEquals(arcCostMs(PROFILE, STOP, DEVICE_STATE.ERROR), 0);
});
