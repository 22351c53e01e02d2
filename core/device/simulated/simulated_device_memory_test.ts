/** A device with memory takes a shorter way through its reads and writes than one without; nobody may notice. */
import { assert, assertEquals } from "@std/assert";
import { close, ERRNO, regionOf } from "../../libc/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { SimulatedDevice } from "./simulated_device.ts";
import { createFakeClock, type FakeClock } from "./testdata/fake_clock.ts";
import { bytesOf, memoryOf } from "./testdata/memory.ts";

const { RUNNING, STOP_COPY, RESUMING } = DEVICE_STATE;
const MIB = 1024 * 1024;
const SIZE = 2 * MIB;
const BUFFER = 64 * 1024;

/** Every look at it takes a microsecond, so that calls take time. */
function createTickingClock(): FakeClock {
  const clock = createFakeClock();
  return Object.assign(clock, { nowNs: () => clock.now += 1000 });
}

interface Pair {
  readonly source: SimulatedDevice;
  readonly to: SimulatedDevice;
  readonly clock: FakeClock;
}

function pairOf(changes: Partial<DeviceProfile>, hasMemory: boolean): Pair {
  const profile = { ...GENERIC_PROFILE, state_size: SIZE, initial_fraction: 0.5, ...changes };
  const clock = createTickingClock();
  const memory = (seed: number | null) => hasMemory ? memoryOf(SIZE, seed) : null;
  const source = new SimulatedDevice({ id: "a", profile, clock, memory: memory(1) });
  const headerFeed = source.stream.headerLog;
  const to = new SimulatedDevice({ id: "b", profile, clock, memory: memory(null), headerFeed });
  return { source, to, clock };
}

/** Moves the whole state stopped: what each call gave, and when it was over. */
function move({ source, to, clock }: Pair): number[] {
  const region = regionOf(new ArrayBuffer(BUFFER));
  const seen: number[] = [];
  const see = (result: number) => (seen.push(result, clock.now), result);
  see(source.setState(STOP_COPY));
  see(to.setState(RESUMING));
  for (let n = 0; (n = see(source.read(region, BUFFER))) > 0;) {
    for (let done = 0; done < n;) done += see(to.write(region, done, n - done));
  }
  see(source.read(region, 0));
  see(to.setState(RUNNING));
  return seen;
}

const PROFILES: Record<string, Partial<DeviceProfile>> = {
  "nothing takes time": {},
  "save_rate": { save_rate: 100 * MIB },
  "save_mode whole": { save_mode: "whole", save_rate: 100 * MIB },
  "save_mode whole, at once": { save_mode: "whole" },
  "save_mode chunks": { save_mode: "chunks", save_rate: 100 * MIB, save_chunk_size: MIB },
  "load_rate": { load_rate: 100 * MIB },
  "read_limit": { read_limit: 1000 },
  "prealloc_ms_per_mib": { prealloc_ms_per_mib: 7 },
  "slowdown_ratio": { slowdown_ratio: 0.5 },
};

for (const [name, profile] of Object.entries(PROFILES)) {
  Deno.test(`with memory and without, calls give the same and take the same: ${name}`, () => {
    const pair = pairOf(profile, true);
    const [with_memory, without] = [move(pair), move(pairOf(profile, false))];
    assertEquals(with_memory, without);
    const [from, to] = [pair.source.stream.memory, pair.to.stream.memory];
    assert(from !== null && to !== null);
    assertEquals(bytesOf(to), bytesOf(from));
    pair.source.close();
    pair.to.close();
  });
}

/** Both sides in the middle of the state's one long record. */
function midway(): Pair {
  const pair = pairOf({ precopy: false }, true);
  const region = regionOf(new ArrayBuffer(BUFFER));
  pair.source.setState(STOP_COPY);
  pair.to.setState(RESUMING);
  for (let i = 0; i < 3; i++) pair.to.write(region, 0, pair.source.read(region, BUFFER));
  assert(pair.source.stream.bodyLeft > BUFFER && pair.to.loader.bodyLeft > BUFFER);
  return pair;
}

/** What reading the one and writing the other gives, in the middle of a record. */
function calls({ source, to }: Pair): number[] {
  const region = regionOf(new ArrayBuffer(BUFFER));
  return [source.read(region, BUFFER), to.write(region, 0, BUFFER)];
}

Deno.test("a session that is over, or was handed over, is over in the middle of a record too", () => {
  const { ENODEV, EBADF } = ERRNO;
  const pair = midway();
  assertEquals(calls(pair), [BUFFER, BUFFER]);
  for (const device of [pair.source, pair.to]) assertEquals(device.reset(), 0);
  assertEquals(calls(pair), [-ENODEV, -ENODEV]);
  for (const device of [pair.source, pair.to]) device.close();
  assertEquals(calls(pair), [-EBADF, -EBADF]);

  const closed = midway();
  // As if the number of the file were somebody else's by now.
  const [source, to] = [closed.source.stream.memory, closed.to.stream.memory];
  assert(source !== null && to !== null);
  const fds = [source.fd, to.fd];
  source.fd = to.fd = -1;
  for (const device of [closed.source, closed.to]) device.close();
  [source.fd = -1, to.fd = -1] = fds;
  assertEquals(calls(closed), [-EBADF, -EBADF]);
  for (const fd of fds) assertEquals(close(fd), 0);

  const back = midway();
  back.source.takeBack({ ...back.source.handOver(), state: RUNNING, hadSession: true });
  back.to.takeBack({ ...back.to.handOver(), state: RUNNING, hadSession: true });
  assertEquals(calls(back), [-ENODEV, -ENODEV]);
  for (const device of [back.source, back.to]) device.close();
});
