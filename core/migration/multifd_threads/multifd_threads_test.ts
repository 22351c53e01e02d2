import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { breakMultifdSockets, shutdownMultifd } from "../../channel/multifd_sockets.ts";
import { compareImages } from "../../device/mod.ts";
import { ERRNO, ftruncate } from "../../libc/mod.ts";
import { awaitBell, bellCount, slotsInUse } from "../../memory/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import { haveChannels } from "./load_shared.ts";
import type { LoadShared } from "./load_shared.ts";
import type { SaveShared } from "./save_shared.ts";
import { createSpareThreads } from "./spare_threads.ts";
import { type StartThread, startThreadHere, type ThreadWorker } from "./start_thread.ts";
import { failureOf, play, STATE_SIZE, type Transfer, withTransfer } from "./testdata/transfer.ts";

const { RUNNING, RESUMING, STOP_COPY } = DEVICE_STATE;
/** With PRE_COPY: comes in STOP_COPY, with all of its state still to be read. Without: comes in STOP. */
const PRECOPY = { initial_fraction: 0.5 };
const STOPPED = { precopy: false };

function assertMoved({ sources, destinations, save, load, sourceRun }: Transfer): void {
  let stopCopyBytes = 0;
  for (const [i, source] of sources.entries()) {
    const destination = destinations[i];
    assert(destination !== undefined);
    assertEquals(source.getState(), STOP_COPY);
    assertEquals(destination.setState(RUNNING), 0, "the stream came whole");
    const [own, other] = [source.image(), destination.image()];
    assert(own !== null && other !== null);
    assertEquals(compareImages(own, other), -1);
    stopCopyBytes += sourceRun.sourceDevices[i]?.stopCopyBytes ?? 0;
  }
  assert(stopCopyBytes > sources.length * STATE_SIZE);
  assert(save.transferred() > stopCopyBytes);
  assertEquals(slotsInUse(save.shared.pool), 0);
  assertEquals(slotsInUse(load.shared.pool), 0);
}

/** After a failure the source's devices must run on, and the destination's must be the caller's again. */
function assertUsable({ sources, destinations }: Transfer): void {
  for (const one of sources) {
    if (one.setState(RUNNING) < 0) one.reset();
    assertEquals(one.getState(), RUNNING);
  }
  for (const one of destinations) assertEquals(one.reset(), 0);
}

for (const [i, deviceCount] of [1, 2, 4].entries()) {
  for (const [j, channels] of [1, 3, 6].entries()) {
    const kind = (i + j) % 2 === 0 ? "unix" : "tcp";
    Deno.test(`${deviceCount} devices arrive whole over ${channels} ${kind} channels`, async () => {
      const devices = Array.from(
        { length: deviceCount },
        (_, d) => d % 2 === 0 ? PRECOPY : STOPPED,
      );
      await withTransfer({ kind, channels, devices }, (transfer) => {
        assertEquals(play(transfer), { source: null, destination: null });
        assertMoved(transfer);
      });
    });
  }
}

Deno.test("short reads, and buffers that begin before SWITCHOVER_START, arrive whole", async () => {
  const setup = { devices: [{ ...STOPPED, read_limit: 4096 }, PRECOPY] };
  await withTransfer(setup, (transfer) => {
    const { save, load, sourceRun, destinationRun } = transfer;
    save.begin();
    load.begin();
    save.start(sourceRun);
    save.join(sourceRun);
    // All is on the sockets; until all is queued too.
    const [queue] = load.shared.queues;
    assert(queue !== undefined);
    while (haveChannels(load.shared)) awaitBell(queue, bellCount(queue), 10);
    load.start(destinationRun);
    load.join(destinationRun);
    assertMoved(transfer);
    const reports = destinationRun.destinationDevices.map(({ multifd }) => multifd);
    // All of it was queued when the first byte was written.
    assertEquals(
      reports.map((report) => report?.queuedPeakBytes),
      sourceRun.sourceDevices.map(({ stopCopyBytes }) => stopCopyBytes),
    );
    assert(reports.every((report) => (report?.loadEndedNs ?? 0) > (report?.loadBeganNs ?? 0)));
  });
});

Deno.test("threads that are left move the next devices over other channels, until others are wanted", async () => {
  const started: string[] = [];
  const living = new Set<ThreadWorker>();
  const startThread: StartThread = (start, events) => {
    const worker = startThreadHere(start, events);
    const watched = {
      end() {
        living.delete(watched);
        worker.end();
      },
    };
    started.push(start.plan.kind);
    living.add(watched);
    return watched;
  };
  const spare = { save: createSpareThreads<SaveShared>(), load: createSpareThreads<LoadShared>() };
  const supply = {
    save: { startThread, spare: spare.save },
    load: { startThread, spare: spare.load },
  };
  const startedBy = async (channels: number, kind: "unix" | "tcp", delayed = false) => {
    started.length = 0;
    const devices = [PRECOPY, delayed ? { ...STOPPED, load_rate: 64 * STATE_SIZE } : STOPPED];
    await withTransfer({ devices, channels, kind, supply }, (transfer) => {
      assertEquals(play(transfer), { source: null, destination: null });
      assertMoved(transfer);
    });
    return started.toSorted().join(" ");
  };
  const all = "load load recv recv save save send send";
  assertEquals(await startedBy(2, "unix"), all);
  assertEquals(await startedBy(2, "tcp"), "");
  assertEquals(await startedBy(2, "unix", true), "");
  assertEquals(living.size, 8);
  assertEquals(await startedBy(1, "unix"), "load load recv save save send");
  assertEquals(living.size, 6);
  assertEquals(await startedBy(2, "unix"), all);
  for (const worker of living) worker.end();
});

const SLOW = { ...STOPPED, load_rate: 16 * STATE_SIZE };

Deno.test("a slow device's queue stays within a cap that has room for its state", async () => {
  const maxQueuedBytes = STATE_SIZE + 1000;
  await withTransfer({ devices: [SLOW, SLOW], maxQueuedBytes }, (transfer) => {
    assertEquals(play(transfer), { source: null, destination: null });
    assertMoved(transfer);
  });
});

Deno.test("a slow device's queue that exceeds the cap fails the migration, and names the device", async () => {
  const maxQueuedBytes = STATE_SIZE / 4;
  await withTransfer(
    {
      devices: [{ ...STOPPED, state_size: 4096 }, { ...SLOW, load_rate: STATE_SIZE }],
      maxQueuedBytes,
    },
    (t) => {
      const { destination, source } = play(t);
      assertEquals([destination?.device, destination?.phase], ["nic1", "load"]);
      assertStringIncludes(
        destination?.message ?? "",
        `would exceed the size max ${maxQueuedBytes}`,
      );
      // The source sees its peer go, or had sent everything before.
      assertEquals([source?.device ?? null, source?.errno ?? "EPIPE"], [null, "EPIPE"]);
      assertUsable(t);
    },
  );
});

Deno.test("a read that fails ends all saves, and names device, phase, call and errno", async () => {
  await withTransfer({ devices: [PRECOPY, STOPPED, STOPPED] }, (transfer) => {
    ftruncate(transfer.sources[1]?.image()?.fd ?? -1, 0);
    const { source, destination } = play(transfer);
    assertEquals(source, {
      message: "Cannot read of nic1 in stop-copy: read gave EIO (Input/output error)",
      device: "nic1",
      phase: "stop-copy",
      call: "read",
      errno: "EIO",
      cancelled: false,
    });
    assertEquals([destination?.device, destination?.errno], [null, "ECONNRESET"]);
    assertUsable(transfer);
  });
});

Deno.test("a write that fails ends all loads, and names device, phase, call and errno", async () => {
  const devices = [STOPPED, STOPPED];
  const destinations = [STOPPED, { ...STOPPED, state_size: STATE_SIZE / 2 }];
  await withTransfer({ devices, destinations }, (transfer) => {
    const { destination } = play(transfer);
    const { device, phase, call, errno } = destination ?? {};
    assertEquals([device, phase, call, errno], ["nic1", "load", "write", "EINVAL"]);
    assertUsable(transfer);
  });
});

Deno.test("a device that does not get to STOP_COPY ends all saves, and is named", async () => {
  await withTransfer({ devices: [STOPPED, STOPPED] }, (transfer) => {
    transfer.sources[0]?.setState(RESUMING);
    const { device, phase, call, errno } = play(transfer).source ?? {};
    assertEquals(
      [device, phase, call, errno],
      ["nic0", "stop-copy", "SET MIG_DEVICE_STATE", "EINVAL"],
    );
    assertUsable(transfer);
  });
});

Deno.test("a channel that the other side has ended fails both, with nobody to blame", async () => {
  await withTransfer({ devices: [STOPPED, PRECOPY], channels: 3 }, (transfer) => {
    shutdownMultifd({
      ...transfer.sockets.destination,
      fds: transfer.sockets.destination.fds.slice(1, 2),
    });
    const { source, destination } = play(transfer);
    assertEquals([source?.device, source?.call, source?.errno], [null, "writev", "EPIPE"]);
    assertEquals([destination?.device, destination?.errno], [null, "ECONNRESET"]);
    assertUsable(transfer);
  });
});

/** Does something once while a side is joined, after it had time to block. */
function later(act: () => boolean): () => boolean {
  let looks = 0;
  return () => ++looks > 3 && act();
}

Deno.test("a cancel wakes saves and channels that nobody reads from", async () => {
  const isCancelled = later(() => true);
  await withTransfer({ devices: [STOPPED, PRECOPY], isCancelled }, (transfer) => {
    transfer.save.begin();
    transfer.save.start(transfer.sourceRun);
    const failure = failureOf(() => transfer.save.join(transfer.sourceRun));
    assertEquals([failure?.cancelled, failure?.device], [true, null]);
    assertUsable(transfer);
  });
});

Deno.test("channels that are broken wake loads to which nothing comes", async () => {
  await withTransfer({ devices: [STOPPED, PRECOPY] }, (transfer) => {
    const { load, sockets, destinationRun } = transfer;
    load.begin();
    load.start(destinationRun);
    const [queue] = load.shared.queues;
    assert(queue !== undefined);
    awaitBell(queue, bellCount(queue), 50); // So that they wait.
    breakMultifdSockets(sockets, ERRNO.ETIMEDOUT);
    const failure = failureOf(() => load.join(destinationRun));
    assertEquals([failure?.device, failure?.cancelled], [null, false]);
    assert(failure?.errno === "ETIMEDOUT" || failure?.errno === "ECONNRESET", failure?.message);
    assertUsable(transfer);
  });
});

Deno.test("channels that are broken wake saves that nobody reads from", async () => {
  let breakThem = () => {};
  const isCancelled = later(() => {
    breakThem();
    return false;
  });
  await withTransfer({ devices: [STOPPED], isCancelled }, (transfer) => {
    breakThem = () => breakMultifdSockets(transfer.sockets, ERRNO.ETIMEDOUT);
    transfer.save.begin();
    transfer.save.start(transfer.sourceRun);
    const source = failureOf(() => transfer.save.join(transfer.sourceRun));
    assert(source?.errno === "ETIMEDOUT" || source?.errno === "EPIPE", source?.message);
    assertUsable(transfer);
  });
});

Deno.test("an abort ends threads that run, and is nothing where none does", async () => {
  await withTransfer({ devices: [STOPPED, STOPPED] }, (transfer) => {
    const { save, load, sourceRun, destinationRun } = transfer;
    assertEquals([save.abort(), load.abort()], [null, null]);
    save.begin();
    load.begin();
    save.start(sourceRun);
    load.start(destinationRun);
    assertEquals(save.abort(), null);
    load.abort();
    assertUsable(transfer);
    assertEquals(save.abort(), null);
  });
});
