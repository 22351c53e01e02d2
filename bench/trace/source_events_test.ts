/** Steps with the numbers of real logs: the lines must be those that QEMU wrote. */
import { assertEquals } from "@std/assert";
import type { TraceStep } from "../../core/migration/mod.ts";
import { DEVICE_STATE } from "../../core/vfio/mod.ts";
import { createSourceEvents } from "./source_events.ts";

const cache = {
  device: "migpci.0",
  initialBytes: 67133440,
  dirtyBytes: 0,
  stopCopyLength: 67133464,
  inPrecopy: true,
  asksForAck: true,
};

const estimate: TraceStep = {
  step: "pending",
  query: "estimate",
  ramBytes: 67641344,
  precopyBytes: 134774784,
  stopCopyBytes: 24,
  total: 134774808,
  collectedAcks: 1,
  pendingAcks: 1,
  devices: [cache],
};

Deno.test("11.1: the first pass of a real log", () => {
  const say = createSourceEvents("qemu-11.1");
  const device = "migpci.0";
  const steps: TraceStep[] = [
    { step: "status", status: "setup" },
    { step: "device-known", device, migrationFlags: 7, precopyInfoV2: true },
    { step: "data-size", device, result: 0, stopCopyLength: 67133464 },
    {
      step: "set-state",
      device,
      state: DEVICE_STATE.PRE_COPY,
      recover: DEVICE_STATE.RUNNING,
    },
    { step: "state-reached", device, state: DEVICE_STATE.PRE_COPY },
    {
      step: "precopy-info",
      device,
      result: 0,
      initialBytes: 67133440,
      dirtyBytes: 0,
      reinit: false,
      asksForAck: true,
    },
    { step: "device-set-up", device, bufferBytes: 1048576 },
    estimate,
    { step: "iterate" },
    { step: "turn", device: null },
    { step: "turn-over", device: null, finished: false },
    { step: "turn", device },
    { step: "block", device, bytes: 1048576 },
    { step: "iterated", device, initialBytes: 66084864, dirtyBytes: 0 },
    { step: "init-data-sent", device },
    { step: "turn-over", device, finished: false },
    {
      step: "window",
      transferredBytes: 2783356,
      timeSpentMs: 135,
      mbps: 2783356 * 8 / 0.135 / 1e6,
      switchoverBytesPerMs: 2783356 / 135,
      availSwitchoverBandwidth: 0,
      threshold: 6185235,
    },
    { step: "acked", pendingAcks: 0 },
  ];
  assertEquals(steps.flatMap(say), [
    "migrate_set_state new state setup",
    "savevm_state_setup ",
    "vfio_migration_init  (migpci.0) mig_flags 0x7, precopy_info_v2_used 1, dirty_pages_supported 0",
    "vfio_query_stop_copy_size  (migpci.0) stopcopy size 67133464 ret 0",
    "vfio_migration_set_state  (migpci.0) new state PRE_COPY, recover state RUNNING",
    "vfio_migration_set_device_state  (migpci.0) state PRE_COPY",
    "vfio_query_precopy_size  (migpci.0) init 67133440, dirty 0, reinit 0, ret 0",
    "vfio_save_setup  (migpci.0) data buffer size 1048576",
    "vfio_state_pending  (migpci.0) stopcopy size 67133464, precopy initial size 67133440, precopy dirty size 0, request switchover ack 1, exact 0, final 0",
    "qemu_savevm_query_pending exact=0, final=0, precopy=134774784, stopcopy=24, postcopy=0, total=134774808, collected switchover ack pending=1, total switchover ack pending=1",
    "savevm_state_iterate ",
    "savevm_section_start ram, section_id 1",
    "savevm_section_end ram, section_id 1 -> 0",
    "savevm_section_start migpci.0/vfio, section_id 2",
    "vfio_save_iterate_start  (migpci.0)",
    "vfio_save_block  (migpci.0) data_size 1048576",
    "vfio_save_iterate  (migpci.0) precopy initial size 66084864 precopy dirty size 0",
    "vfio_send_init_data_flag  (migpci.0)",
    "savevm_section_end migpci.0/vfio, section_id 2 -> 0",
    "migrate_transferred transferred 2783356 time_spent 135 bandwidth 164 switchover_bw 20617 max_size 6185235",
    "source_return_path_thread_switchover_acked switchover_ack_pending_num 0",
  ]);
});

Deno.test("10.0: a pass with an exact query of a real log", () => {
  const say = createSourceEvents("qemu-9.2");
  const device = "migpci.0";
  const dirty = { ...cache, initialBytes: 0, asksForAck: false };
  const sums = { ramBytes: 0, precopyBytes: 0, stopCopyBytes: 0, collectedAcks: 0, pendingAcks: 1 };
  const steps: TraceStep[] = [
    {
      step: "window",
      transferredBytes: 7344388,
      timeSpentMs: 113,
      mbps: 7344388 * 8 / 0.113 / 1e6,
      switchoverBytesPerMs: 7344388 / 113,
      availSwitchoverBandwidth: 0,
      threshold: 19498375,
    },
    {
      step: "pending",
      query: "estimate",
      ...sums,
      total: 7564360,
      devices: [{ ...dirty, dirtyBytes: 7564360 }],
    },
    { step: "ram-synced", dirtyBytes: 1664 * 4096 },
    { step: "data-size", device, result: 0, stopCopyLength: 8326144 },
    {
      step: "pending",
      query: "exact",
      ...sums,
      ramBytes: 524288,
      total: 8850432,
      devices: [{ ...dirty, stopCopyLength: 8326144, dirtyBytes: 8351080 }],
    },
    { step: "acked", pendingAcks: 0 },
  ];
  assertEquals(steps.flatMap(say), [
    "migrate_transferred transferred 7344388 time_spent 113 bandwidth 64994 switchover_bw 0 max_size 19498375",
    "vfio_state_pending_estimate  (migpci.0) precopy 7564360 postcopy 0 precopy initial size 0 precopy dirty size 7564360",
    "migrate_pending_estimate estimate pending size 7564360 (pre = 7564360 post=0)",
    "migration_bitmap_sync_start ",
    "migration_bitmap_sync_end dirty_pages 1664",
    "vfio_state_pending_exact  (migpci.0) precopy 8850432 postcopy 0 stopcopy size 8326144 precopy initial size 0 precopy dirty size 8351080",
    "migrate_pending_exact exact pending size 8850432 (pre = 8850432 post=0)",
    "source_return_path_thread_switchover_acked ",
  ]);
});

Deno.test("8.1 counts precopy data twice in what it writes too; a device in no precopy state is passed over", () => {
  const say = createSourceEvents("qemu-8.1");
  const sums = { precopyBytes: 0, stopCopyBytes: 0, collectedAcks: 0, pendingAcks: 1 };
  const one = { ...cache, device: "a", initialBytes: 5, dirtyBytes: 1, stopCopyLength: 10 };
  const still = { ...one, device: "b", inPrecopy: false };
  const pending = { step: "pending", ramBytes: 100, ...sums, devices: [one, still] } as const;
  assertEquals(say({ ...pending, query: "exact", total: 126 }), [
    "vfio_state_pending_exact  (a) precopy 116 postcopy 0 stopcopy size 10 precopy initial size 5 precopy dirty size 1",
    "vfio_state_pending_exact  (b) precopy 126 postcopy 0 stopcopy size 10 precopy initial size 5 precopy dirty size 1",
    "migrate_pending_exact exact pending size 126 (pre = 126 post=0)",
  ]);
  assertEquals(say({ ...pending, query: "estimate", total: 106 }).length, 2);
});

Deno.test("a size with bit 63 set is written unsigned", () => {
  const say = createSourceEvents("qemu-11.1");
  assertEquals(
    say({ step: "data-size", device: "a", result: 0, stopCopyLength: -22 }),
    ["vfio_query_stop_copy_size  (a) stopcopy size 18446744073709551594 ret 0"],
  );
});

Deno.test("an empty device tells so once, until something was read of it", () => {
  const say = createSourceEvents("qemu-9.2");
  const steps: TraceStep[] = [
    { step: "empty", device: "a" },
    { step: "empty", device: "a" },
    { step: "block", device: "a", bytes: 10 },
    { step: "empty", device: "a" },
  ];
  assertEquals(steps.flatMap(say), [
    "vfio_save_block_precopy_empty_hit  (a)",
    "vfio_save_block  (a) data_size 10",
    "vfio_save_block_precopy_empty_hit  (a)",
  ]);
});

Deno.test("a REINIT that asks for an ack says so, and a stop says which state for which reason", () => {
  const say = createSourceEvents("qemu-11.1");
  const steps: TraceStep[] = [
    {
      step: "precopy-info",
      device: "a",
      result: 0,
      initialBytes: 23739736,
      dirtyBytes: 11276320,
      reinit: true,
      asksForAck: true,
    },
    { ...estimate, query: "exact", total: 28250616 },
    { step: "checkpoint", checkpoint: "source-decided" },
    { step: "state-reached", device: "a", state: DEVICE_STATE.PRE_COPY_P2P },
    { step: "state-reached", device: "a", state: DEVICE_STATE.STOP_COPY },
    { step: "checkpoint", checkpoint: "source-stopped" },
    { step: "state-reached", device: "a", state: DEVICE_STATE.STOP },
  ];
  const isPending = (line: string) => !/^\S*pending /.test(line) || line.includes("low");
  assertEquals(steps.flatMap(say).filter(isPending), [
    "vfio_query_precopy_size  (a) init 23739736, dirty 11276320, reinit 1, ret 0",
    "vfio_query_precopy_size_request_switchover_ack  (a)",
    "migration_thread_low_pending 28250616",
    "vmstate_downtime_checkpoint src-downtime-start",
    "vfio_migration_set_device_state  (a) state PRE_COPY_P2P",
    "vfio_vmstate_change_prepare  (a) running 0 reason finish-migrate device state PRE_COPY_P2P",
    "vfio_migration_set_device_state  (a) state STOP_COPY",
    "vfio_vmstate_change  (a) running 0 reason finish-migrate device state STOP_COPY",
    "vmstate_downtime_checkpoint src-vm-stopped",
    "vfio_migration_set_device_state  (a) state STOP",
  ]);
});
