import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  DEVICE_STATE,
  DEVICE_STATES,
  deviceStateName,
  isDeviceState,
  parseDeviceState,
} from "./device_state.ts";

Deno.test("device states have the kernel's numbers", () => {
  assertEquals(DEVICE_STATE, {
    ERROR: 0,
    STOP: 1,
    RUNNING: 2,
    STOP_COPY: 3,
    RESUMING: 4,
    RUNNING_P2P: 5,
    PRE_COPY: 6,
    PRE_COPY_P2P: 7,
  });
  assertEquals(DEVICE_STATES, [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("parseDeviceState() takes back the name that deviceStateName() gives", () => {
  for (const [name, state] of Object.entries(DEVICE_STATE)) {
    assertEquals(deviceStateName(state), name);
    assertEquals(parseDeviceState(name), state);
  }
});

Deno.test("parseDeviceState() refuses what is no kernel name", () => {
  for (const name of ["", "running", "PRE-COPY", "toString", "NUM_STATES", "2"]) {
    assertThrows(() => parseDeviceState(name), RangeError, `received "${name}"`);
  }
});

Deno.test("isDeviceState() holds for 0 to 7 and no other number", () => {
  assertEquals(DEVICE_STATES.every(isDeviceState), true);
  for (const value of [-1, 8, 0.5, NaN, Infinity, 0xffffffff]) {
    assertEquals(isDeviceState(value), false);
  }
  fc.assert(fc.property(fc.double(), (value) => {
    assertEquals(isDeviceState(value), DEVICE_STATES.some((state) => state === value));
  }));
});
