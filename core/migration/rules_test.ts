/**
 * The rules that are easy to get wrong, each shown by whole migrations on the virtual clock. The pure ones
 * have their vectors in `policy/`; those of multifd are in `multifd/`.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Device } from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DEVICE_STATE } from "../vfio/mod.ts";
import type { PolicyName } from "./mod.ts";
import { downtimeMs, eventMs, MIB, playVirtual, wrapDevice } from "./testdata/virtual_setup.ts";

const POLICY_NAMES: readonly PolicyName[] = ["qemu-8.1", "qemu-9.2", "qemu-11.1"];
const { RUNNING, STOP, PRE_COPY } = DEVICE_STATE;

/** A device that has only stop-copy data left after its first reads. */
const STOP_DATA = { state_size: 8 * MIB, initial_fraction: 0.5 };

Deno.test("rule 1: the threshold is 0 until the first 100 ms window closes", () => {
  for (const policy of ["qemu-8.1", "qemu-11.1"] as const) {
    const report = playVirtual({ profiles: [STOP_DATA], policy });
    assertEquals(report.source.failure, null);
    const switchover = eventMs(report, "switchover") ?? 0;
    assert(switchover >= 100 && switchover < 101, `${policy}: ${switchover} ms`);
  }
});

Deno.test("rule 2: in 9.2 an estimate equal to the threshold is taken without an exact query", () => {
  // All that can be precopied is sent long before the window closes: 0 <= 0, the rest is never looked at.
  const report = playVirtual({ profiles: [STOP_DATA], policy: "qemu-9.2" });
  assertEquals([report.source.failure, report.source.exactQueries], [null, 0]);
  assert((eventMs(report, "switchover") ?? 100) < 10);
});

Deno.test("rule 3: precopy info is asked at setup and by exact queries, in 11.1 at the stop too", () => {
  for (const policy of POLICY_NAMES) {
    let asked = 0;
    const { source } = playVirtual({
      // Slow to load, so that the ack keeps the source asking.
      profiles: [{ ...STOP_DATA, state_size: 64 * MIB, load_rate: 100e6 }],
      policy,
      options: { switchoverAck: true, availSwitchoverBandwidth: 12.5e9 },
      wrapSource: (device) =>
        wrapDevice(device, {
          getPrecopyInfo(out) {
            asked++;
            return device.getPrecopyInfo(out);
          },
        }),
    });
    assertEquals(source.failure, null);
    assert(source.exactQueries > 0);
    assertEquals(asked, 1 + source.exactQueries + (policy === "qemu-11.1" ? 1 : 0), policy);
  }
});

/** Counts the reads of a device that gave something, in precopy. */
function countingReads(device: Device, counts: { reads: number; bytes: number }): Device {
  return wrapDevice(device, {
    read(region, length, calls) {
      const n = device.read(region, length, calls);
      if (n > 0 && device.getState() === PRE_COPY) {
        counts.reads++;
        counts.bytes += n;
      }
      return n;
    },
  });
}

Deno.test("rule 4: one buffer per device and pass; RAM goes first with 50 ms, so 20 MiB/s at most beside it", () => {
  const counts = { reads: 0, bytes: 0 };
  const report = playVirtual({
    profiles: [{ state_size: 512 * MIB }],
    // 40 s of RAM: all of the time it has something to send.
    ram: { size: 12_500 * MIB, dirty_rate: 0, dirty_span: 0 },
    bandwidth: 1e9,
    options: { cancelAtMs: 4_000 },
    bulk: false,
    wrapSource: (device) => countingReads(device, counts),
  });
  assertEquals(report.source.failure?.cancelled, true);
  assert(counts.reads <= report.source.passes);
  const rate_mib_per_s = counts.bytes / MIB / 4;
  assert(rate_mib_per_s > 15 && rate_mib_per_s <= 20, `${rate_mib_per_s} MiB/s`);
});

Deno.test("rule 4: under a low max-bandwidth RAM uses the quota up, and a device starves", () => {
  const { source } = playVirtual({
    profiles: [{ state_size: 64 * MIB }],
    ram: { size: 1024 * MIB, dirty_rate: 400e6, dirty_span: 0 },
    options: { maxBandwidth: 128 * MIB, maxTimeMs: 2_000 },
  });
  assertEquals(source.devices[0]?.precopyBytes, 0);
  assertStringIncludes(source.failure?.message ?? "", "Cannot switch over within 2000 ms");
});

Deno.test("rule 5: one empty read zeroes initial and dirty bytes, and the marker goes out too early", () => {
  let reads = 0;
  const report = playVirtual({
    profiles: [{ state_size: 64 * MIB }],
    policy: "qemu-9.2",
    options: { switchoverAck: true },
    // As a driver does whose SAVE is still under way when it is read.
    wrapSource: (device) =>
      wrapDevice(device, {
        read(region, length, calls) {
          reads++;
          if (reads === 1) return -ERRNO.ENOMSG;
          return device.read(region, length, calls);
        },
      }),
  });
  assertEquals(report.source.failure, null);
  // 64 MiB were announced, which take 5 ms: hardly any of them can have been sent.
  assert((eventMs(report, "init_data_sent") ?? NaN) < 0.1);
});

Deno.test("rule 6: INIT_DATA_SENT comes from a pass of the device's own, so that starving delays the ack", () => {
  const sentMs = (ramSize: number) =>
    eventMs(
      playVirtual({
        profiles: [{ state_size: 4 * MIB }],
        ram: { size: ramSize, dirty_rate: 0, dirty_span: 0 },
        options: { switchoverAck: true, maxBandwidth: 128 * MIB },
      }),
      "init_data_sent",
    ) ?? NaN;
  const [alone, starved] = [sentMs(0), sentMs(256 * MIB)];
  assert(alone < 10, `${alone} ms`);
  assert(starved > 1_800, `${starved} ms`); // 2 s of RAM at the limit
});

Deno.test("rule 7: an ack says that the data is loaded, and takes the way there and back", () => {
  const report = playVirtual({
    profiles: [{ state_size: 100e6, load_rate: 200e6 }],
    options: { switchoverAck: true },
    latencyNs: 5e6,
  });
  const [sent = NaN, acked = NaN] = ["init_data_sent", "switchover_acked"].map((name) =>
    eventMs(report, name)
  );
  assertEquals(report.source.failure, null);
  assert(acked >= 500, `${acked} ms`); // 100 MB at 200 MB/s
  assert(acked - sent >= 10, `${acked - sent} ms`);
});

Deno.test("rule 8: downtime has the suspend, the stop, RAM, the devices one after the other, config, load and start", () => {
  const device = {
    state_size: 50e6,
    initial_fraction: 0,
    precopy: false,
    save_rate: 1e9,
    suspend_p2p_ms: 3,
    suspend_stop_ms: 4,
    stop_copy_enter_ms: 5,
    load_finish_ms: 6,
    resume_ms: 7,
  };
  const report = playVirtual({
    profiles: [device, device],
    policy: "qemu-9.2",
    costs: { stopNs: 2e6, configNs: 11e6, startNs: 13e6 },
    latencyNs: 0,
  });
  assertEquals(report.source.failure, null);
  // Two devices of 3 + 4 + 5 + 50 + 6 + 7 ms, one after the other, then what the host takes.
  const expected = 2 * (3 + 4 + 5 + 50 + 6 + 7) + 2 + 11 + 13;
  assert(Math.abs(downtimeMs(report) - expected) < 0.5, `${downtimeMs(report)} ms`);
});

Deno.test("rule 9: STOP_COPY -> STOP is after the downtime", () => {
  let stoppedNs = 0;
  const report = playVirtual({
    profiles: [STOP_DATA],
    wrapSource: (device, clock) =>
      wrapDevice(device, {
        setState(state) {
          if (state === STOP) stoppedNs = clock.nowNs();
          return device.setState(state);
        },
      }),
  });
  assert(report.source.switchover !== null && stoppedNs >= report.source.switchover.endNs);
});

Deno.test("rule 10: a bandwidth measured under the limit keeps from switching over what would be quick", () => {
  const setup = {
    profiles: [{ state_size: 1024 * MIB, precopy: false }],
    ram: { size: 256 * MIB, dirty_rate: 0, dirty_span: 0 },
  };
  const limited = playVirtual({ ...setup, options: { maxBandwidth: 128 * MIB } });
  assertStringIncludes(limited.source.failure?.message ?? "", "stay above the threshold");
  const told = playVirtual({
    ...setup,
    options: { maxBandwidth: 128 * MIB, availSwitchoverBandwidth: 12.5e9 },
  });
  assertEquals(told.source.failure, null);
  // The limit is off once the guest stands still.
  assert(downtimeMs(told) < 130, `${downtimeMs(told)} ms`);
});

/** A device whose n-th state set fails, and stays where it is. */
function failingSet(device: Device, failing: number, counter = { n: 0 }): Device {
  return wrapDevice(device, {
    setState: (state) => ++counter.n === failing ? -ERRNO.EIO : device.setState(state),
  });
}

Deno.test("rule 12: a state set that fails is recovered from, or the device is reset", () => {
  for (let failing = 1; failing <= 3; failing++) {
    let resets = 0;
    const { source } = playVirtual({
      profiles: [{ state_size: 8 * MIB }],
      wrapSource: (device) =>
        wrapDevice(failingSet(device, failing), {
          reset() {
            resets++;
            return device.reset();
          },
        }),
    });
    // 1: PRE_COPY, recovered to RUNNING. 2, 3: the stop, which has no way back.
    assertEquals([source.failure?.call, source.failure?.errno], ["SET MIG_DEVICE_STATE", "EIO"]);
    assertEquals(source.failure?.device, "nic0");
    assertEquals([resets, source.devices[0]?.leftIn], [failing === 1 ? 0 : 1, "RUNNING"]);
  }
});

Deno.test("rule 12: a cancel in PRE_COPY and one after the stop leave the devices RUNNING", () => {
  const setup = {
    profiles: [{ state_size: 600e6, initial_fraction: 0.5, save_rate: 1e9 }],
    options: { availSwitchoverBandwidth: 12.5e9 },
  };
  const whole = playVirtual(setup);
  assertEquals(whole.source.failure, null);
  const decidedMs = eventMs(whole, "switchover") ?? NaN;
  for (const cancelAtMs of [0, 50, decidedMs - 1, decidedMs + 50, decidedMs + 200]) {
    const { source, destination } = playVirtual({
      ...setup,
      options: { ...setup.options, cancelAtMs },
    });
    assertEquals(source.failure?.cancelled, true, `${cancelAtMs} ms`);
    assertEquals(source.failure?.phase, cancelAtMs < decidedMs ? "precopy" : "switchover");
    assertEquals([source.devices[0]?.leftIn, destination.runningNs], ["RUNNING", null]);
  }
});

const REINIT_LATE = {
  state_size: 64 * MIB,
  suspend_p2p_ms: 1,
  reinit_size: 32 * MIB,
};

Deno.test("devices with REINIT, without it, and without PRE_COPY migrate together, each acked in its way", () => {
  const device = {
    state_size: 4 * MIB,
    load_rate: 50e6,
    reinit_at_ms: [40],
    reinit_size: 2 * MIB,
  };
  const report = playVirtual({
    profiles: [device, { ...device, precopy_info_v2: false }, { ...device, precopy: false }],
    // Slow to load, so that the REINIT comes before the first acks.
    options: { switchoverAck: true, availSwitchoverBandwidth: 12.5e9 },
    bandwidth: 400e6,
  });
  assertEquals([report.source.failure, report.destination.failure], [null, null]);
  const events = report.source.events.map(({ event, device }) => `${event} ${device ?? ""}`);
  assertEquals(events.filter((event) => event.startsWith("reinit")), ["reinit nic0"]);
  assertEquals(events.filter((event) => event === "init_data_sent nic0").length, 2);
  assertEquals(events.filter((event) => event === "init_data_sent nic1").length, 1);
  assertEquals(events.includes("init_data_sent nic2"), false);
  assertEquals(events.filter((event) => event.startsWith("switchover_acked")).length, 3);
});

Deno.test("rule 13: in 11.1 a request after the decision fails the migration, and the guest goes on", () => {
  // Known only at the stop: nobody asks between the decision and the P2P transition.
  const whole = playVirtual({
    profiles: [{ ...REINIT_LATE, reinit_at_ms: [] }],
    options: { switchoverAck: true },
    costs: { stopNs: 5e6 },
  });
  const decidedMs = eventMs(whole, "switchover") ?? NaN;
  const setup = {
    profiles: [{ ...REINIT_LATE, reinit_at_ms: [decidedMs + 2] }],
    options: { switchoverAck: true },
    costs: { stopNs: 5e6 },
  };
  const { source } = playVirtual(setup);
  assertStringIncludes(source.failure?.message ?? "", "Switchover ACK was requested by 1 devices");
  assertEquals(source.devices[0]?.leftIn, "RUNNING");
  // Older ones do not know of it, nor does 11.1 in its legacy mode.
  assertEquals(playVirtual({ ...setup, policy: "qemu-9.2" }).source.failure, null);
  const legacy = { switchoverAck: true, switchoverAckLegacy: true };
  assertEquals(playVirtual({ ...setup, options: legacy }).source.failure, null);
});

Deno.test("rule 13: a paused guest does not wait for acks, and those outstanding fail nothing", () => {
  const setup = {
    profiles: [{ state_size: 64 * MIB }],
    ram: { size: 64 * MIB, dirty_rate: 0, dirty_span: 0 },
    // The destination counts, the source waits for one ack for each device: it never comes for both.
    destinationOptions: { switchoverAckLegacy: true },
  };
  const two = { ...setup, profiles: [...setup.profiles, ...setup.profiles] };
  const running = playVirtual({ ...two, options: { switchoverAck: true, maxTimeMs: 1_000 } });
  assertStringIncludes(running.source.failure?.message ?? "", "no switchover-ack came");
  const paused = playVirtual({
    ...two,
    options: { switchoverAck: true, guestPausedAtMs: 300, availSwitchoverBandwidth: 1e9 },
  });
  assertEquals([paused.source.failure, paused.destination.failure], [null, null]);
  const switchover = eventMs(paused, "switchover") ?? 0;
  assert(switchover >= 300 && switchover < 420, `${switchover} ms`);
});

Deno.test("what a guest dirtied until it was paused is sent after it, and closes the stream only at the end", () => {
  for (const policy of POLICY_NAMES) {
    const { source, destination } = playVirtual({
      profiles: [{ state_size: 8 * MIB }],
      policy,
      ram: { size: 64 * MIB, dirty_rate: 100e6, dirty_span: 32 * MIB },
      options: { guestPausedAtMs: 50, availSwitchoverBandwidth: 1e9, switchoverAck: true },
      bandwidth: 1e9,
    });
    assertEquals([source.failure, destination.failure], [null, null], policy);
  }
});

Deno.test("rule 13: a REINIT found when the guest is paused is an ordinary request, and fails nothing", () => {
  const { source } = playVirtual({
    profiles: [{ state_size: 8 * MIB, suspend_p2p_ms: 1, reinit_at_ms: [200], reinit_size: MIB }],
    // RAM keeps the total above the threshold, so that only the pause asks.
    ram: { size: 200e6, dirty_rate: 0, dirty_span: 0 },
    options: { switchoverAck: true, guestPausedAtMs: 250, availSwitchoverBandwidth: 100e6 },
    bandwidth: 100e6,
  });
  assertEquals(source.failure, null);
  const names = source.events.map(({ event }) => event);
  assert(names.indexOf("paused") < names.indexOf("reinit"), names.join(" "));
  assertEquals(source.events.find(({ event }) => event === "reinit")?.state, "PRE_COPY");
});

Deno.test("rule 14: a length that never falls makes precopy useless to the decision, and useful to the load", () => {
  const device = {
    state_size: 512 * MIB,
    stop_copy_report: "full-always" as const,
    prealloc_ms_per_mib: 1,
  };
  const tight = playVirtual({ profiles: [device], bandwidth: 1e9 });
  assertStringIncludes(tight.source.failure?.message ?? "", "nic0 answers with 536870960 bytes");
  const options = { availSwitchoverBandwidth: 12.5e9, switchoverAck: true };
  const warm = playVirtual({ profiles: [device], options });
  const cold = playVirtual({ profiles: [{ ...device, precopy: false }], options });
  assert(downtimeMs(warm) * 10 < downtimeMs(cold), `${downtimeMs(warm)}, ${downtimeMs(cold)} ms`);
});

Deno.test("rule 15: what bytes take on the wire is next to nothing of a device's downtime", () => {
  // 100 MiB of a VF: 8.4 ms of 100 Gbit/s, and 366 to 490 ms were measured.
  const report = playVirtual({
    profiles: [{
      state_size: 100 * MIB,
      precopy: false,
      save_rate: 1e9,
      suspend_p2p_ms: 60,
      suspend_stop_ms: 40,
      stop_copy_enter_ms: 60,
      load_finish_ms: 20,
      resume_ms: 20,
    }],
    options: { availSwitchoverBandwidth: 12.5e9 },
  });
  assert(downtimeMs(report) > 30 * (100 * MIB / 12.5e9 * 1e3), `${downtimeMs(report)} ms`);
});

Deno.test("a destination device that refuses its data is a failure here, and none to QEMU", () => {
  const { source, destination } = playVirtual({
    profiles: [{ state_size: 8 * MIB }],
    wrapDestination: (device) =>
      wrapDevice(device, {
        setState: (state) =>
          state === RUNNING || state === DEVICE_STATE.RUNNING_P2P
            ? -ERRNO.EINVAL
            : device.setState(state),
      }),
  });
  assertEquals([source.failure, destination.failure], [null, null]);
  assertEquals(destination.refusals[0]?.device, "nic0");
});

Deno.test("a destination that cannot take the data fails the source, whose devices run on", () => {
  const { source, destination } = playVirtual({
    profiles: [{ state_size: 256 * MIB }],
    wrapDestination: (device) => wrapDevice(device, { write: () => -ERRNO.ENOSPC }),
  });
  assertEquals([destination.failure?.call, destination.failure?.errno], ["write", "ENOSPC"]);
  assert(source.failure !== null);
  assertEquals(source.devices[0]?.leftIn, "RUNNING");
});

Deno.test("sides that count acks differently fail as they would: one table for all pairings", () => {
  const outcome = (sourceLegacy: boolean, devices: number) => {
    const { source, destination } = playVirtual({
      profiles: Array.from({ length: devices }, () => ({ state_size: 4 * MIB })),
      options: { switchoverAck: true, switchoverAckLegacy: sourceLegacy, maxTimeMs: 1_000 },
      destinationOptions: { switchoverAckLegacy: !sourceLegacy },
    });
    const failure = destination.failure ?? source.failure;
    return failure === null ? "completed" : failure.phase === "precopy" ? "not switched" : "failed";
  };
  assertEquals([1, 2].map((n) => outcome(false, n)), ["completed", "not switched"]);
  assertEquals(outcome(true, 1), "completed");
});

Deno.test("pause-before-switchover is part of the downtime", () => {
  const setup = { profiles: [{ state_size: 8 * MIB }] };
  const plain = downtimeMs(playVirtual(setup));
  const paused = downtimeMs(playVirtual({ ...setup, options: { pauseBeforeSwitchoverMs: 40 } }));
  assert(Math.abs(paused - plain - 40) < 1, `${plain}, ${paused} ms`);
});

Deno.test("a source that has sent all and waits for an ack sees the bandwidth of empty sections, as QEMU does", () => {
  for (const policy of POLICY_NAMES) {
    const play = (initial_fraction: number) =>
      playVirtual({
        // The ack comes long after the last window in which anything was sent.
        profiles: [{ state_size: 4 * MIB, initial_fraction, load_rate: 10e6 }],
        policy,
        options: { switchoverAck: true, maxTimeMs: 2_000 },
      });
    const small = play(0.992);
    assertEquals(small.source.failure, null, policy);
    const acked = eventMs(small, "switchover_acked") ?? 0;
    assert(acked > 300, `${policy}: acked at ${acked} ms`);
    // 18 bytes a pass promise little: what is more than that stays where it is, and the failure says why.
    const large = play(0.5).source.failure?.message ?? "";
    assertStringIncludes(large, "stay above the threshold of");
    assert(!large.includes("at 0 bytes/s"), large);
  }
});
