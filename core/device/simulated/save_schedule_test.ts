/** How saved data comes to be, on a clock that only moves when it is told to. */

import { assert, assertEquals } from "@std/assert";
import { createVirtualClock } from "../../clock/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { SimulatedDevice } from "./simulated_device.ts";

const { PRE_COPY, STOP_COPY } = DEVICE_STATE;
const MB = 1e6;

function setUp(given: Partial<DeviceProfile>) {
  const clock = createVirtualClock();
  const profile = { ...GENERIC_PROFILE, chunk_size: 1000, state_size: 100 * MB, ...given };
  const device = new SimulatedDevice({ id: "nic0", profile, clock, memory: null });
  const atMs = () => clock.nowNs() / 1e6;
  const query = () => {
    const info = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
    const result = device.getPrecopyInfo(info);
    return { result, initial: info.initialBytes, dirty: info.dirtyBytes };
  };
  /** Reads until nothing is left for now, or for good. */
  const drain = () => {
    let bytes = 0;
    for (let n = 0; (n = device.read(null, MB)) > 0;) bytes += n;
    return bytes;
  };
  return { clock, device, atMs, query, drain };
}

Deno.test("streamed: a read takes the time of its bytes", () => {
  const { device, atMs } = setUp({ save_rate: 1e9 });
  device.setState(PRE_COPY);
  device.read(null, MB);
  device.read(null, MB);
  assert(Math.abs(atMs() - 1) < 0.1, `${atMs()} ms`);
});

Deno.test("whole: the first read waits for the SAVE, the others for nothing", () => {
  const { device, atMs, drain } = setUp({ save_mode: "whole", save_rate: 1e9 });
  device.setState(PRE_COPY);
  assertEquals(atMs(), 0);
  device.read(null, MB);
  assert(Math.abs(atMs() - 100) < 0.01, `${atMs()} ms`);
  drain();
  assert(Math.abs(atMs() - 100) < 0.01, `${atMs()} ms`);
});

Deno.test("whole: the final SAVE has what is dirty and what never moved", () => {
  const { clock, device, atMs, drain } = setUp({
    save_mode: "whole",
    save_rate: 1e9,
    initial_fraction: 0.5,
    dirty_rate: 100 * MB,
    dirty_span: 10 * MB,
  });
  device.setState(PRE_COPY);
  device.read(null, 100 * MB);
  drain();
  clock.sleepNs(1e9);
  const before = atMs();
  device.setState(STOP_COPY);
  assertEquals(atMs(), before);
  drain();
  assert(Math.abs(atMs() - before - 60) < 0.1, `${atMs() - before} ms`); // 10 MB and 50 MB
});

Deno.test("chunks: after the stop the device works ahead by two chunks, and no further", () => {
  const { clock, device, atMs } = setUp({
    save_mode: "chunks",
    save_chunk_size: 10 * MB,
    save_rate: 1e9,
    initial_fraction: 0,
  });
  device.setState(PRE_COPY);
  device.setState(STOP_COPY);
  device.read(null, MB);
  clock.sleepNs(1e9);
  const before = atMs();
  for (let i = 0; i < 20; i++) device.read(null, MB);
  assert(atMs() - before < 0.2, `${atMs() - before} ms`);
  for (let i = 0; i < 20; i++) device.read(null, MB);
  assert(Math.abs(atMs() - before - 20) < 0.5, `${atMs() - before} ms`);
});

const MLX5 = {
  save_mode: "whole",
  save_rate: 1e9,
  dirty_collect: "query",
  dirty_rate: 10 * MB,
  dirty_span: 50 * MB,
} as const;

Deno.test("dirty state waits for a query, which only saves once all before was read", () => {
  const { clock, device, query, drain } = setUp(MLX5);
  device.setState(PRE_COPY);
  drain();
  clock.sleepNs(1e9);
  assertEquals(device.read(null, MB), -ERRNO.ENOMSG);
  const { dirty } = query();
  assertEquals([dirty > 0, drain()], [true, dirty]);
  assertEquals(device.read(null, MB), -ERRNO.ENOMSG);
});

Deno.test("a read during the SAVE of a query waits, or says ENOMSG as the older driver does", () => {
  for (const read_while_saving of ["wait", "ENOMSG"] as const) {
    const { clock, device, query, drain, atMs } = setUp({ ...MLX5, read_while_saving });
    device.setState(PRE_COPY);
    drain();
    clock.sleepNs(2e9); // 20 MB dirty: 20 ms of SAVE
    const { dirty } = query();
    const before = atMs();
    const n = device.read(null, 50 * MB);
    if (read_while_saving === "wait") {
      assert(n > 0 && atMs() - before > 19, `${n} after ${atMs() - before} ms`);
    } else {
      assertEquals([n, atMs()], [-ERRNO.ENOMSG, before]);
      clock.sleepNs(30e6);
      assertEquals(drain(), dirty);
    }
  }
});

Deno.test("a query waits for the SAVE that is under way", () => {
  const { device, query, atMs } = setUp(MLX5);
  device.setState(PRE_COPY);
  query();
  assert(atMs() >= 100, `${atMs()} ms`);
});

Deno.test("dirty_bytes as drivers say it: the truth, the truth later, or always 0", () => {
  const dirtyOf = (dirty_report: DeviceProfile["dirty_report"]) => {
    const { clock, device, query, drain } = setUp({
      dirty_report,
      initial_fraction: 0.5,
      dirty_rate: 10 * MB,
    });
    device.setState(PRE_COPY);
    device.read(null, MB);
    clock.sleepNs(1e9);
    const during = query().dirty > 0;
    drain();
    clock.sleepNs(1e9);
    return [during, query().dirty > 0];
  };
  assertEquals(dirtyOf("exact"), [true, true]);
  assertEquals(dirtyOf("after-initial"), [false, true]);
  assertEquals(dirtyOf("zero"), [false, false]);
});

Deno.test("a query that fails leaves the session as it was", () => {
  const { device, query, drain } = setUp({ precopy_report: "error" });
  device.setState(PRE_COPY);
  assertEquals(query().result, -ERRNO.EIO);
  assertEquals(drain() > 100 * MB, true);
});

Deno.test("once saving breaks in PRE_COPY nothing more comes, and all of it after the stop", () => {
  const { clock, device, query, drain } = setUp({
    precopy_error_at_ms: 500,
    dirty_rate: 10 * MB,
    initial_fraction: 0.5,
  });
  device.setState(PRE_COPY);
  drain();
  clock.sleepNs(1e9);
  assertEquals(device.read(null, MB), -ERRNO.ENOMSG);
  assertEquals(query(), { result: 0, initial: 0, dirty: 0 });
  const size = { stopCopyLength: 0 };
  device.getDataSize(size);
  device.setState(STOP_COPY);
  const bytes = drain();
  assert(bytes > 100 * MB, `${bytes}`);
  assertEquals(size.stopCopyLength, bytes);
});
