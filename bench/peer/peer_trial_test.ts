import { assert, assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { pwrite, regionOf } from "../../core/libc/mod.ts";
import { settledTraces, tracesLeft } from "../faults/traces_left.ts";
import { watchedWorkers } from "../trial/testdata/watched_workers.ts";
import { CASE_LIMITS } from "./case_limits.ts";
import { connectSession, type PeerSession } from "./connect_session.ts";
import type { ListenerOptions } from "./listener.ts";
import { PeerError } from "./peer_error.ts";
import { offerCase, runPeerTrial } from "./peer_trial.ts";
import { NEVER, NIC, onlyCase, PLACE, type TestListener, withListener } from "./testdata/parts.ts";

const TCP = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

/** Runs something with a session to a listener of its own. */
async function withSession(
  options: Partial<ListenerOptions>,
  use: (session: PeerSession, listener: TestListener) => Promise<void>,
): Promise<void> {
  await withListener(options, async (listener) => {
    const session = await connectSession(listener.address, options.token ?? null);
    try {
      await use(session, listener);
    } finally {
      await session.end();
    }
  });
}

for (const kind of ["unix", "tcp"] as const) {
  Deno.test(`a dirtied device arrives at another listener whole over ${kind}`, async () => {
    const options = kind === "tcp" ? { address: TCP } : {};
    await withSession(options, async (session, { lines }) => {
      const one = onlyCase({ params: { channel: kind, buffer_size: "64KiB" } });
      await offerCase(session, one);
      for (let number = 0; number < 2; number++) {
        const { record, timeline } = await runPeerTrial(session, number, one, PLACE, NEVER);
        assertEquals(record.error, null);
        assertEquals([record.outcome, record.state_verified], ["completed", true]);
        assertEquals(record.peer, { downtime_rests_on: "one clock" });
        const { downtime_ms = 0, downtime_source_ms = 0, bytes_total = 0 } = record.metrics;
        assertGreater(bytes_total, 2 * 1024 * 1024);
        assert(downtime_ms > 0 && downtime_ms <= downtime_source_ms);
        const parts = Object.values(record.downtime_breakdown_ms);
        assert(parts.every((part) => part >= 0), JSON.stringify(record.downtime_breakdown_ms));
        const { read_us, write_us } = record.histograms;
        assert(read_us !== undefined && write_us !== undefined);
        const events = timeline.map(({ event }) => event);
        assert(events.includes("loaded") && events.includes("running"), events.join(" "));
      }
      assertEquals(lines.filter((line) => line.endsWith(": completed")).length, 2);
    });
  });

  Deno.test(`several devices and RAM arrive over multifd's channels, over ${kind}`, async () => {
    const options = kind === "tcp" ? { address: TCP } : {};
    await withSession(options, async (session) => {
      const one = onlyCase({
        params: { channel: kind, buffer_size: "64KiB", multifd: true, channels: 3 },
        devices: [NIC, { ...NIC, id: "nic1" }],
        ram: { size: "8MiB", dirty_rate: "4MiB/s", dirty_span: "1MiB" },
      });
      const { record } = await runPeerTrial(session, 0, one, PLACE, NEVER);
      assertEquals(record.error, null);
      assertEquals(record.state_verified, true);
      assertGreater(record.devices.nic1?.metrics.load_end_ms ?? 0, 0);
    });
  });
}

Deno.test("a switchover that waits for the destination's ack works over a connection", async () => {
  await withSession({}, async (session) => {
    const one = onlyCase({
      params: {
        channel: "unix",
        buffer_size: "64KiB",
        switchover_ack: true,
        policy: "qemu-11.1",
      },
      devices: [{ ...NIC, load_rate: "64MiB/s", dirty_rate: 0 }],
    });
    const { record, timeline } = await runPeerTrial(session, 0, one, PLACE, NEVER);
    assertEquals(record.error, null);
    assert(timeline.some(({ event }) => event === "switchover_acked"));
  });
});

Deno.test("devices of protocol v1 and of vfio-virtio arrive at another listener too", async () => {
  await withSession({}, async (session) => {
    const v1 = onlyCase({
      params: { channel: "unix", protocol: "v1", policy: "qemu-8.1" },
      region: { x_enable_migration: true },
    });
    const virtio = onlyCase({
      devices: [{ id: "net0", profile: "virtio-net", state_size: "1MiB" }],
    });
    for (const [number, one] of [v1, virtio].entries()) {
      const { record } = await runPeerTrial(session, number, one, PLACE, NEVER);
      assertEquals([record.error, record.state_verified], [null, true]);
    }
  });
});

Deno.test("a state that arrived wrong is never called verified", async () => {
  // The destination's memory gets a byte of its own, once everything is loaded.
  const byte = regionOf(new ArrayBuffer(1));
  const options: Partial<ListenerOptions> = {
    onArrived: ([image]) => {
      byte.bytes[0] = 0xa5;
      if (image !== undefined) pwrite(image.fd, byte.pointer, 1, image.length - 4097);
    },
  };
  await withSession(options, async (session) => {
    const { record } = await runPeerTrial(session, 0, onlyCase(), PLACE, NEVER);
    assertEquals([record.outcome, record.state_verified], ["failed", false]);
    assertMatch(
      record.error?.message ?? "",
      /state of nic0 differs from the source's \(another SHA-256\)/,
    );
    assertEquals(record.error?.device, "nic0");
    assertEquals(record.metrics, {});
  });
});

Deno.test("a migration that does not converge fails with the reason, and the session goes on", async () => {
  await withSession({}, async (session) => {
    const bad = onlyCase({
      params: { channel: "unix", policy: "qemu-11.1", max_time_ms: 200 },
      devices: [{ ...NIC, stop_copy_report: "error" }],
    });
    const { record } = await runPeerTrial(session, 0, bad, PLACE, NEVER);
    assertEquals([record.outcome, record.state_verified], ["failed", false]);
    assertMatch(record.error?.message ?? "", /100 GiB stood in/);
    const { record: next } = await runPeerTrial(session, 1, onlyCase(), PLACE, NEVER);
    assertEquals(next.outcome, "completed");
  });
});

Deno.test("a trial that is cancelled ends on both sides, and the session goes on", async () => {
  await withSession({}, async (session) => {
    const interrupt = new AbortController();
    const endless = onlyCase({
      params: { channel: "unix", policy: "qemu-11.1" },
      devices: [{ ...NIC, stop_copy_report: "error" }],
    });
    setTimeout(() => interrupt.abort(), 100);
    const { record } = await runPeerTrial(session, 0, endless, PLACE, interrupt.signal);
    assertEquals([record.outcome, record.qemu_says], ["cancelled", "cancelled"]);
    const { record: next } = await runPeerTrial(session, 1, onlyCase(), PLACE, NEVER);
    assertEquals(next.outcome, "completed");
  });
});

Deno.test("what a listener does not take is told before anything is played", async () => {
  const limits = { ...CASE_LIMITS, max_state_bytes: 1024 * 1024 };
  await withSession({ limits }, async (session) => {
    const error = await assertRejects(() => offerCase(session, onlyCase()), PeerError);
    assertMatch(
      error.message,
      /^Cannot play t: the listener at unix:.* does not take it: .*--max-state is 1 MiB$/,
    );
    // A trial of it all the same is refused, and no session is lost.
    const { record } = await runPeerTrial(session, 0, onlyCase(), PLACE, NEVER);
    assertMatch(record.error?.message ?? "", /--max-state is 1 MiB/);
    assertEquals(session.why(), null);
  });
});

Deno.test("a listener that is stopped in a migration fails the trial, and the source runs on", async () => {
  await withSession({}, async (session, listener) => {
    const endless = onlyCase({
      params: { channel: "unix", policy: "qemu-11.1" },
      devices: [{ ...NIC, stop_copy_report: "error" }],
    });
    setTimeout(() => listener.stop(), 100);
    const { record } = await runPeerTrial(session, 0, endless, PLACE, NEVER);
    assertEquals([record.outcome, record.state_verified], ["failed", false]);
    assertMatch(record.error?.message ?? "", /the listener at .* (is gone|ended the session)/);
    assert(session.why() !== null);
    // Nothing more can be played, and that is a failed trial too.
    const { record: next } = await runPeerTrial(session, 1, onlyCase(), PLACE, NEVER);
    assertEquals(next.outcome, "failed");
  });
});

Deno.test("without one clock the offset is found by pings and the migration, and told with its error", async () => {
  await withSession({}, async (session) => {
    // As if they were two machines': the true offset is 0 all the same.
    const far: PeerSession = { ...session, isOneClock: false };
    const { record } = await runPeerTrial(far, 0, onlyCase(), PLACE, NEVER);
    assertEquals([record.error, record.state_verified], [null, true]);
    const { downtime_rests_on, clock_offset_ms = NaN, clock_uncertainty_ms = NaN } = record.peer ??
      {};
    assert(downtime_rests_on === "two clocks" || downtime_rests_on === "return path");
    assert(Math.abs(clock_offset_ms) <= clock_uncertainty_ms, JSON.stringify(record.peer));
    const { downtime_ms = NaN, downtime_source_ms = NaN } = record.metrics;
    assert(downtime_ms > 0 && downtime_ms <= downtime_source_ms + clock_uncertainty_ms);
  });
});

Deno.test("a listener that is gone ends the session with the first thing it cannot be told", async () => {
  await withSession({}, async (session, listener) => {
    const { path } = listener.address as { path: string };
    await Deno.remove(path);
    // As a process that was killed: nothing is said, and nobody can connect any more.
    await assertRejects(() => session.openData("00".repeat(32)), PeerError, "nobody listens there");
    assertMatch(
      session.why()?.message ?? "",
      /^the listener at \S+ is gone: .*nobody listens there/,
    );
  });
});

for (const multifd of [false, true]) {
  const how = multifd ? "multifd's trials" : "trials";
  Deno.test(`${how} to another process are played by the same Workers, also of another session`, async () => {
    const folder = await Deno.makeTempDir();
    const [ours, theirs] = [watchedWorkers(1), watchedWorkers(1)];
    const params = { channel: "unix", buffer_size: "64KiB", multifd };
    const one = onlyCase({ params });
    try {
      const before = await settledTraces(folder);
      await withListener({ workers: theirs }, async ({ address }) => {
        for (let nth = 0; nth < 2; nth++) {
          const session = await connectSession(address, null);
          await offerCase(session, one);
          for (let number = 0; number < 2; number++) {
            const keep = { workers: ours };
            const { record } = await runPeerTrial(session, number, one, PLACE, NEVER, keep);
            assertEquals([record.error, record.state_verified], [null, true]);
          }
          await session.end();
        }
      });
      for (const taken of [ours.taken("source"), theirs.taken("destination")]) {
        assertEquals([taken.length, new Set(taken).size], [4, 1]);
      }
      ours.close();
      theirs.close();
      assertEquals(await tracesLeft(before, folder), []);
    } finally {
      ours.close();
      theirs.close();
      await Deno.remove(folder);
    }
  });
}

Deno.test("after a trial that failed others begin, at both ends", async () => {
  const [ours, theirs] = [watchedWorkers(1), watchedWorkers(1)];
  const good = onlyCase();
  // Its source has no end of dirty pages, and says so.
  const bad = onlyCase({
    params: { channel: "unix", buffer_size: "64KiB", max_bandwidth: "1MiB/s", max_time_ms: 200 },
  });
  try {
    await withListener({ workers: theirs }, async ({ address }) => {
      const session = await connectSession(address, null);
      const outcomes: string[] = [];
      for (const [number, one] of [good, bad, good].entries()) {
        const keep = { workers: ours };
        const { record } = await runPeerTrial(session, number, one, PLACE, NEVER, keep);
        outcomes.push(record.outcome);
      }
      await session.end();
      assertEquals(outcomes, ["completed", "failed", "completed"]);
    });
    for (const [first, second, third] of [ours.taken("source"), theirs.taken("destination")]) {
      assert(second === first, "the one that fails is of their kind");
      assert(third !== second);
    }
  } finally {
    ours.close();
    theirs.close();
  }
});
