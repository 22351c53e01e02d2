import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Case, expandCases, ScenarioSchema } from "../scenario/mod.ts";
import { runVirtualTrial } from "./virtual_trial.ts";
import { runWallTrial, type Trial } from "./wall_trial.ts";

const PLACE = { caseNumber: 0, trial: 0, seed: 1 };
const never = new AbortController().signal;
const NIC = { id: "nic0", profile: "generic", state_size: "3MiB", initial_fraction: 0.5 };
const PARAMS = { buffer_size: "64KiB", max_time_ms: 2000, avail_switchover_bandwidth: "1GB/s" };

function onlyCase(channel: string, faults: unknown[], file: Record<string, unknown> = {}): Case {
  const { params, ...rest } = file;
  const [one] = expandCases(ScenarioSchema.parse({
    name: "t",
    question: "?",
    params: { ...PARAMS, channel, ...(params as object | undefined) },
    devices: [NIC],
    faults,
    ...rest,
  }));
  assert(one !== undefined);
  return one;
}

async function wall(channel: string, faults: unknown[], file = {}, patience_ms = 10_000) {
  return await runWallTrial(onlyCase(channel, faults, file), PLACE, never, { patience_ms });
}

function virtual(faults: unknown[], file = {}, channel = "unix"): Trial {
  const link = { bandwidth: "1GB/s", latency_us: 20 };
  return runVirtualTrial(onlyCase(channel, faults, { clock: "virtual", link, ...file }), PLACE);
}

/** What every trial with one fault comes to where it failed: it struck, and where the guest runs is clear. */
function failed({ record, aftermath }: Trial, what: string): NonNullable<Trial["record"]["error"]> {
  assertEquals(aftermath.injections.map(({ fault }) => fault), [0], what);
  assertEquals(record.state_verified, false, what);
  assert(record.error !== null && record.outcome !== "completed", what);
  return record.error;
}

/** With one channel it is certain which one a buffer takes. */
const ONE_CHANNEL = {
  params: { multifd: true, channels: 1 },
  devices: [{ ...NIC, precopy: false }],
};
const MULTIFD = { params: { multifd: true, channels: 2 }, devices: [{ ...NIC, precopy: false }] };

for (const channel of ["ring", "unix", "tcp"]) {
  Deno.test(`${channel}: a connection that goes away leaves the guest at the source, and an errno`, async () => {
    for (const give of ["drop", "truncate"]) {
      const trial = await wall(channel, [{ on: "channel", byte: "1MiB", give }]);
      const { errno, call } = failed(trial, give);
      assert(call !== null && errno !== null, give);
      assertEquals([trial.aftermath.guest, trial.aftermath.source.nic0], ["source", "RUNNING"]);
    }
  });

  Deno.test(`${channel}: a byte of the state that is corrupt is found when the states are compared`, async () => {
    const error = failed(
      await wall(channel, [{ on: "channel", byte: 1_000_003, give: "corrupt" }]),
      channel,
    );
    assertEquals([error.device, error.phase], ["nic0", "resume"]);
    assertStringIncludes(error.message, "differs from the source's");
  });

  Deno.test(`${channel}: a stall that ends costs time only, one that does not is ended`, async () => {
    const stall = { on: "channel", byte: "1MiB", give: "stall" };
    const { record } = await wall(channel, [{ ...stall, stall_ms: 40 }]);
    assertEquals([record.error, record.state_verified], [null, true]);
    assert((record.metrics.total_time_ms ?? 0) >= 40);
    const file = { params: { max_time_ms: 200 } };
    const trial = await wall(channel, [{ ...stall, stall_ms: "ever" }], file, 100);
    const error = failed(trial, "ever");
    assertEquals(error.errno, "ETIMEDOUT");
    assertStringIncludes(error.message, "Cannot end within 600 ms");
    assertEquals(trial.aftermath.guest, "source");
  });
}

for (const channel of ["unix", "tcp", "file"]) {
  Deno.test(`${channel}: a byte of the framing that is corrupt is refused by the decoder`, async () => {
    // The magic, the version, the configuration, the first section.
    for (const byte of [0, 5, 12, 70]) {
      const trial = await wall(channel, [{ on: "channel", byte, give: "corrupt" }]);
      const { errno, phase } = failed(trial, `byte ${byte}`);
      assertEquals(phase, "load", `byte ${byte}`);
      assert(errno === "EPROTO" || errno === "ECONNRESET" || errno === null, `byte ${byte}`);
    }
  });
}

Deno.test("file: what was lost on the way to the disk is found at the other end, and no guest runs", async () => {
  for (const give of ["truncate", "corrupt"]) {
    const trial = await wall("file", [{ on: "channel", byte: "1MiB", give }]);
    const { message } = failed(trial, give);
    // A state that differs is one that runs.
    if (give === "corrupt") continue;
    assertEquals(trial.aftermath.guest, "neither");
    assertStringIncludes(message, "no guest runs");
  }
  const trial = await wall("file", [{ on: "channel", byte: "1MiB", give: "drop" }]);
  const { errno, call } = failed(trial, "drop");
  assertEquals([errno, call, trial.aftermath.guest], ["EIO", "write", "source"]);
});

Deno.test("multifd: a channel of its own fails the devices that go over it", async () => {
  for (const channel of ["unix", "tcp"]) {
    for (const give of ["drop", "truncate", "corrupt"]) {
      const faults = [{ on: "channel1", byte: 5000, give }];
      const trial = await wall(channel, faults, ONE_CHANNEL);
      failed(trial, `${channel} ${give}`);
      if (give !== "corrupt") assertEquals(trial.aftermath.guest, "source");
    }
    const head = await wall(channel, [{ on: "channel1", byte: 2, give: "corrupt" }], ONE_CHANNEL);
    failed(head, `${channel} head`);
  }
});

Deno.test("multifd: a channel that stalls for ever is ended, and the others with it", async () => {
  const faults = [{ on: "channel1", byte: 5000, give: "stall", stall_ms: "ever" }];
  const trial = await wall(
    "unix",
    faults,
    { ...ONE_CHANNEL, params: { ...ONE_CHANNEL.params, max_time_ms: 300 } },
    100,
  );
  assertEquals(failed(trial, "stall").errno, "ETIMEDOUT");
  assertEquals(trial.aftermath.source.nic0, "RUNNING");
});

Deno.test("a host that refuses, has no memory or no room is told from the others", async () => {
  const host = (give: string) => [{ on: "host", side: "destination", give }];
  const refused = failed(await wall("unix", host("refuse")), "refuse");
  assertEquals([refused.phase, refused.call], ["setup", null]);
  assertStringIncludes(refused.message, "refuses the migration");
  const full = failed(await wall("ring", host("ENOMEM")), "ENOMEM");
  assertEquals([full.device, full.call, full.errno], ["nic0", "write", "ENOMEM"]);
  const disk = failed(await wall("file", host("ENOSPC")), "ENOSPC");
  assertEquals([disk.call, disk.errno], ["write", "ENOSPC"]);
});

Deno.test("the user can cancel at every place, and the guest runs on at the source", async () => {
  for (const at of ["setup", "precopy", "switchover", "load"]) {
    const faults = [{ on: "user", give: "cancel", at }];
    for (const trial of [await wall("unix", faults), virtual(faults)]) {
      failed(trial, at);
      assertEquals(trial.record.outcome, "cancelled", at);
      assertEquals([trial.aftermath.guest, trial.aftermath.source.nic0], ["source", "RUNNING"]);
    }
  }
});

Deno.test("a Worker that dies is told, and what becomes of the guest", async () => {
  for (const side of ["source", "destination"]) {
    for (const at of ["setup", "precopy", "switchover", "load"]) {
      const faults = [{ on: "worker", side, give: "die", at }];
      for (const trial of [await wall("unix", faults), virtual(faults)]) {
        const { message, phase } = failed(trial, `${side} ${at}`);
        assertStringIncludes(message, `The ${side}'s Worker died in ${at}`);
        assertEquals(phase, side === "source" && at === "load" ? "stop-copy" : at);
        assertEquals(trial.aftermath.guest, side === "source" ? "neither" : "source");
        if (side === "source") assertStringIncludes(message, "no guest runs");
      }
    }
  }
});

Deno.test("the virtual clock has the same faults of channels, without bytes", () => {
  const byte = "1MiB";
  for (const [give, errno] of [["drop", "ECONNRESET"], ["truncate", "EPIPE"]]) {
    const trial = virtual([{ on: "channel", byte, give }]);
    assertEquals(failed(trial, String(give)).errno, errno);
    assertEquals([trial.aftermath.guest, trial.aftermath.source.nic0], ["source", "RUNNING"]);
  }
  const damaged = failed(virtual([{ on: "channel", byte: 1_000_003, give: "corrupt" }]), "corrupt");
  assertEquals([damaged.device, damaged.phase], ["nic0", "resume"]);
  const head = failed(virtual([{ on: "channel", byte: 3, give: "corrupt" }]), "head");
  assertEquals(head.errno, "EPROTO");
  const waited = virtual([{ on: "channel", byte, give: "stall", stall_ms: 500 }]);
  assertEquals(waited.record.error, null);
  assert((waited.record.metrics.total_time_ms ?? 0) >= 500);
  const never = failed(virtual([{ on: "channel", byte, give: "stall", stall_ms: "ever" }]), "ever");
  assertEquals(never.errno, "ETIMEDOUT");
});

Deno.test("the virtual clock has the same faults of multifd's channels", () => {
  for (const give of ["drop", "truncate", "corrupt", "stall"]) {
    const stall = give === "stall" ? { stall_ms: "ever" } : {};
    const faults = [{ on: "channel2", byte: "512KiB", give, ...stall }];
    const trial = virtual(faults, MULTIFD);
    failed(trial, give);
    if (give !== "corrupt") assertEquals(trial.aftermath.guest, "source", give);
  }
  const head = failed(virtual([{ on: "channel1", byte: 2, give: "corrupt" }], MULTIFD), "head");
  assertEquals(head.errno, "EPROTO");
  const faults = [{ on: "channel1", byte: 2, give: "stall", stall_ms: 30 }];
  assertEquals(virtual(faults, MULTIFD).record.error, null);
});
