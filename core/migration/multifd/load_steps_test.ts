import { assertEquals } from "@std/assert";
import { ERRNO } from "../../libc/mod.ts";
import {
  cancelLoads,
  createLoadGate,
  loadCanceller,
  type LoadGate,
  loadsCancelled,
  loadsRunning,
  noteConfigReady,
  startSwitchover,
  takeConfigTurn,
} from "./load_gate.ts";
import {
  createDeviceLoad,
  type DeviceLoad,
  LOAD_STEP,
  nextLoadStep,
  receiveBuffer,
} from "./load_steps.ts";

const {
  WAIT_SWITCHOVER,
  STARVED,
  WRITE,
  WAIT_CONFIG_READY,
  WAIT_CONFIG_TURN,
  LOAD_CONFIG,
  DONE,
  FAILED,
} = LOAD_STEP;

/** Two devices with one buffer of 10 bytes and a configuration each, all received, switchover begun. */
function twoReceived(loadConfigAfterIter: boolean): [LoadGate, DeviceLoad, DeviceLoad] {
  const gate = createLoadGate([true, true], loadConfigAfterIter);
  const loads: [DeviceLoad, DeviceLoad] = [createDeviceLoad(0), createDeviceLoad(1)];
  for (const load of loads) {
    assertEquals(receiveBuffer(gate, load, 0, false, 10, 0), 0);
    assertEquals(receiveBuffer(gate, load, 1, true, 16, 1), 0);
  }
  startSwitchover(gate);
  return [gate, ...loads];
}

Deno.test("buffers that come before SWITCHOVER_START only queue", () => {
  const gate = createLoadGate([true], false);
  const load = createDeviceLoad(0);
  assertEquals(receiveBuffer(gate, load, 0, false, 10, 0), 0);
  assertEquals(nextLoadStep(gate, load, 0), WAIT_SWITCHOVER);
  assertEquals(load.buffers.queuedBytes, 10);
  assertEquals(startSwitchover(gate), 0);
  assertEquals(nextLoadStep(gate, load, 0), WRITE);
});

Deno.test("SWITCHOVER_START comes once", () => {
  const gate = createLoadGate([true], false);
  assertEquals([startSwitchover(gate), startSwitchover(gate)], [0, -ERRNO.EALREADY]);
});

Deno.test("a buffer is written in as many writes as it takes, then its memory is free", () => {
  const [gate, load] = twoReceived(false);
  assertEquals(nextLoadStep(gate, load, 0), WRITE);
  assertEquals([nextLoadStep(gate, load, 4), load.buffers.written, load.freed], [WRITE, 4, -1]);
  assertEquals([nextLoadStep(gate, load, 6), load.freed], [LOAD_CONFIG, 0]);
  assertEquals([nextLoadStep(gate, load, 0), load.freed], [DONE, 1]);
  assertEquals([load.loadedBytes, load.result], [10, 0]);
});

Deno.test("a load without its next buffer is starved, and goes on when it comes", () => {
  const gate = createLoadGate([true], false);
  const load = createDeviceLoad(0);
  startSwitchover(gate);
  receiveBuffer(gate, load, 1, true, 10, 0);
  assertEquals([nextLoadStep(gate, load, 0), nextLoadStep(gate, load, 0)], [STARVED, STARVED]);
  assertEquals(load.starved, 1);
  receiveBuffer(gate, load, 0, false, 10, 0);
  assertEquals(nextLoadStep(gate, load, 0), WRITE);
});

Deno.test("configurations are loaded one at a time over all devices", () => {
  const [gate, first, second] = twoReceived(false);
  for (const load of [first, second]) nextLoadStep(gate, load, 0);
  assertEquals(nextLoadStep(gate, first, 10), LOAD_CONFIG);
  assertEquals(nextLoadStep(gate, second, 10), WAIT_CONFIG_TURN);
  assertEquals(nextLoadStep(gate, second, 0), WAIT_CONFIG_TURN);
  assertEquals(nextLoadStep(gate, first, 0), DONE);
  assertEquals(nextLoadStep(gate, second, 0), LOAD_CONFIG);
  assertEquals(loadsRunning(gate), 1);
  assertEquals(nextLoadStep(gate, second, 0), DONE);
  assertEquals([loadsRunning(gate), loadsCancelled(gate)], [0, 0]);
});

Deno.test("load-config-after-iter: the configuration waits for the device's CONFIG_LOAD_READY", () => {
  const [gate, first, second] = twoReceived(true);
  for (const load of [first, second]) nextLoadStep(gate, load, 0);
  assertEquals(nextLoadStep(gate, first, 10), WAIT_CONFIG_READY);
  assertEquals(nextLoadStep(gate, second, 10), WAIT_CONFIG_READY);
  assertEquals(noteConfigReady(gate, 1), 0);
  assertEquals(nextLoadStep(gate, first, 0), WAIT_CONFIG_READY);
  assertEquals(nextLoadStep(gate, second, 0), LOAD_CONFIG);
});

Deno.test("CONFIG_LOAD_READY is an error outside multifd, when disabled, and the second time", () => {
  const gate = createLoadGate([true, false], true);
  assertEquals(noteConfigReady(gate, 1), -ERRNO.EOPNOTSUPP);
  assertEquals(noteConfigReady(gate, 2), -ERRNO.EOPNOTSUPP);
  assertEquals([noteConfigReady(gate, 0), noteConfigReady(gate, 0)], [0, -ERRNO.EALREADY]);
  assertEquals(noteConfigReady(createLoadGate([true], false), 0), -ERRNO.EINVAL);
});

Deno.test("packet while disabled", () => {
  const gate = createLoadGate([true, false], false);
  const load = createDeviceLoad(1);
  // Before anything else is looked at: the idx is invalid too.
  assertEquals(receiveBuffer(gate, load, 0xffffffff, false, 10, 0), -ERRNO.EOPNOTSUPP);
  assertEquals(load.buffers.reason, "got device state packet but not doing multifd transfer");
  assertEquals([loadsCancelled(gate), loadCanceller(gate)], [-ERRNO.EOPNOTSUPP, 1]);
  assertEquals(loadsRunning(gate), 1);
});

Deno.test("duplicate: the migration fails, and every load ends", () => {
  const [gate, first, second] = twoReceived(false);
  assertEquals(nextLoadStep(gate, second, 0), WRITE);
  assertEquals(receiveBuffer(gate, first, 0, false, 10, 0), -ERRNO.EEXIST);
  assertEquals(nextLoadStep(gate, first, 0), FAILED);
  // A buffer in hand is written to its end.
  assertEquals(nextLoadStep(gate, second, 5), WRITE);
  assertEquals(nextLoadStep(gate, second, 5), FAILED);
  assertEquals([first.result, second.result], [-ERRNO.ECANCELED, -ERRNO.ECANCELED]);
  assertEquals([loadsCancelled(gate), loadsRunning(gate)], [-ERRNO.EEXIST, 0]);
});

Deno.test("cap exceeded: the migration fails", () => {
  const gate = createLoadGate([true], false);
  const load = createDeviceLoad(0, { maxQueuedBytes: 1000 });
  assertEquals(receiveBuffer(gate, load, 0, false, 600, 0), 0);
  assertEquals(receiveBuffer(gate, load, 1, false, 600, 0), -ERRNO.ENOBUFS);
  startSwitchover(gate);
  assertEquals(nextLoadStep(gate, load, 0), FAILED);
  assertEquals(loadsCancelled(gate), -ERRNO.ENOBUFS);
});

Deno.test("cancel while waiting, wherever it waits", () => {
  const waits: [number, (gate: LoadGate, first: DeviceLoad, second: DeviceLoad) => void][] = [
    [WAIT_SWITCHOVER, () => {}],
    [STARVED, (gate) => startSwitchover(gate)],
    [WAIT_CONFIG_READY, (gate, first) => {
      startSwitchover(gate);
      receiveBuffer(gate, first, 0, true, 1, 0);
    }],
    [WAIT_CONFIG_TURN, (gate, first, second) => {
      startSwitchover(gate);
      for (const load of [second, first]) {
        receiveBuffer(gate, load, 0, true, 1, 0);
        noteConfigReady(gate, load.device);
        nextLoadStep(gate, load, 0);
      }
    }],
  ];
  for (const [step, prepare] of waits) {
    const gate = createLoadGate([true, true], true);
    const [first, second] = [createDeviceLoad(0), createDeviceLoad(1)];
    prepare(gate, first, second);
    assertEquals(nextLoadStep(gate, first, 0), step);
    cancelLoads(gate, -ERRNO.ECANCELED, -1);
    assertEquals(nextLoadStep(gate, first, 0), FAILED);
    assertEquals([first.result, loadCanceller(gate)], [-ERRNO.ECANCELED, -1]);
    assertEquals(loadsRunning(gate), 1);
    assertEquals(nextLoadStep(gate, first, 0), FAILED);
    assertEquals(loadsRunning(gate), 1);
  }
});

Deno.test("a load that fails gives the config turn back, and the others end", () => {
  const [gate, first, second] = twoReceived(false);
  for (const load of [first, second]) nextLoadStep(gate, load, 0);
  nextLoadStep(gate, first, 10);
  assertEquals(nextLoadStep(gate, second, 10), WAIT_CONFIG_TURN);
  assertEquals(nextLoadStep(gate, first, -ERRNO.EIO), FAILED);
  assertEquals(nextLoadStep(gate, second, 0), FAILED);
  assertEquals([first.result, second.result], [-ERRNO.EIO, -ERRNO.ECANCELED]);
  assertEquals([loadsCancelled(gate), loadCanceller(gate)], [-ERRNO.EIO, 0]);
  assertEquals(loadsRunning(gate), 0);
  assertEquals(takeConfigTurn(gate, 1), true);
});

Deno.test("a write that took more than there was is an error", () => {
  const [gate, load] = twoReceived(false);
  nextLoadStep(gate, load, 0);
  assertEquals(nextLoadStep(gate, load, 11), FAILED);
  assertEquals(load.result, -ERRNO.EINVAL);
});
