import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createVirtualClock } from "../clock/mod.ts";
import { type Device, GENERIC_PROFILE, SimulatedDevice } from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DEVICE_STATE } from "../vfio/mod.ts";
import { setState } from "./set_state.ts";
import { wrapDevice } from "./testdata/virtual_setup.ts";

const { ERROR, RUNNING, STOP, STOP_COPY, PRE_COPY } = DEVICE_STATE;

function device(): Device {
  const clock = createVirtualClock();
  return new SimulatedDevice({ id: "nic0", profile: GENERIC_PROFILE, clock, memory: null });
}

Deno.test("a device that gets there is asked where it is, and that is all", () => {
  const one = device();
  assertEquals(setState(one, PRE_COPY, RUNNING, "setup"), null);
  assertEquals(one.getState(), PRE_COPY);
});

Deno.test("a device that says it moved and did not fails, and goes to the recover state", () => {
  const one = device();
  const liar = wrapDevice(one, {
    setState: (state) => state === STOP_COPY ? 0 : one.setState(state),
  });
  const failure = setState(liar, STOP_COPY, STOP, "stop-copy");
  assertEquals(
    failure?.message,
    "Cannot move to STOP_COPY of nic0 in stop-copy: SET MIG_DEVICE_STATE gave success and left it in RUNNING",
  );
  assertEquals([failure?.device, failure?.call, failure?.errno], [
    "nic0",
    "SET MIG_DEVICE_STATE",
    null,
  ]);
  assertEquals(one.getState(), STOP);
});

Deno.test("one that lies of the recover state too is reset", () => {
  const one = device();
  assertEquals(one.setState(PRE_COPY), 0);
  const liar = wrapDevice(one, { setState: () => 0 });
  assert(setState(liar, STOP_COPY, STOP, "stop-copy") !== null);
  assertEquals(one.getState(), RUNNING);
});

Deno.test("a reset that fails too is told", () => {
  const gone = wrapDevice(device(), {
    getState: () => ERROR,
    setState: () => -ERRNO.ENODEV,
    reset: () => -ERRNO.ENODEV,
  });
  const failure = setState(gone, STOP, ERROR, "cleanup");
  assertStringIncludes(failure?.message ?? "", "SET MIG_DEVICE_STATE gave ENODEV");
  assertStringIncludes(failure?.message ?? "", "; VFIO_DEVICE_RESET gave ENODEV");
  assertEquals(failure?.resetFailed, true);
});
