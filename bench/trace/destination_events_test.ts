/** Steps with the numbers of real logs: the lines must be those that QEMU wrote. */
import { assertEquals } from "@std/assert";
import type { TraceStep } from "../../core/migration/mod.ts";
import { DEVICE_STATE } from "../../core/vfio/mod.ts";
import { createDestinationEvents } from "./destination_events.ts";

const device = "migpci.1";

const STEPS: readonly TraceStep[] = [
  { step: "set-state", device, state: DEVICE_STATE.RESUMING, recover: DEVICE_STATE.RUNNING },
  { step: "state-reached", device, state: DEVICE_STATE.RESUMING },
  { step: "load-set-up", awaitedAcks: 1 },
  { step: "load", device, what: "setup" },
  { step: "load", device, what: "data" },
  { step: "loaded", device, bytes: 1048576 },
  { step: "approved", device, awaitedAcks: 0 },
  { step: "reply", kind: "ack" },
  { step: "switchover-start" },
  { step: "downtime-load", device, tookNs: 125_933_000 },
  { step: "checkpoint", checkpoint: "destination-loaded" },
  { step: "set-state", device, state: DEVICE_STATE.RUNNING_P2P, recover: DEVICE_STATE.ERROR },
  { step: "state-reached", device, state: DEVICE_STATE.RUNNING_P2P },
  { step: "state-reached", device, state: DEVICE_STATE.RUNNING },
  { step: "checkpoint", checkpoint: "destination-running" },
  { step: "status", status: "completed" },
  { step: "cleaned-up", device },
  { step: "reply", kind: "shut" },
];

const BEFORE_ACK = [
  "vfio_migration_set_state  (migpci.1) new state RESUMING, recover state RUNNING",
  "vfio_migration_set_device_state  (migpci.1) state RESUMING",
  "loadvm_state_setup ",
];
const LOADED = [
  "qemu_loadvm_state_section 1",
  "qemu_loadvm_state_section_startfull 2(migpci.1/vfio) 0 1",
  "vfio_load_state  (migpci.1) data 0xffffffffef100003",
  "vfio_load_state  (migpci.1) data 0xffffffffef100004",
  "vfio_load_state_device_data  (migpci.1) size 1048576 ret 0",
];
const AFTER_ACK = [
  "migrate_send_rp_message 7: len 0",
  "loadvm_process_command com=SWITCHOVER_START len=0",
  "vmstate_downtime_load type=iterable idstr=migpci.1/vfio instance_id=0 downtime=125933",
  "vmstate_downtime_checkpoint dst-precopy-loadvm-completed",
  "vmstate_downtime_checkpoint dst-precopy-bh-enter",
  "vfio_migration_set_state  (migpci.1) new state RUNNING_P2P, recover state ERROR",
  "vfio_migration_set_device_state  (migpci.1) state RUNNING_P2P",
  "vfio_vmstate_change_prepare  (migpci.1) running 1 reason running device state RUNNING_P2P",
  "vfio_migration_set_device_state  (migpci.1) state RUNNING",
  "vfio_vmstate_change  (migpci.1) running 1 reason running device state RUNNING",
  "vmstate_downtime_checkpoint dst-precopy-bh-vm-started",
  "migrate_set_state new state completed",
  "vfio_load_cleanup  (migpci.1)",
  "migrate_send_rp_message 1: len 4",
];

Deno.test("10.0 counts acks at the destination", () => {
  const say = createDestinationEvents("qemu-9.2", { legacy: false });
  assertEquals(STEPS.flatMap(say), [
    ...BEFORE_ACK,
    "loadvm_state_switchover_ack_needed Switchover ack pending num=1",
    ...LOADED,
    "loadvm_approve_switchover Switchover ack pending num=0",
    ...AFTER_ACK,
  ]);
});

Deno.test("11.1 names who approves", () => {
  const say = createDestinationEvents("qemu-11.1", { legacy: false });
  assertEquals(STEPS.flatMap(say), [
    ...BEFORE_ACK,
    ...LOADED,
    "loadvm_approve_switchover Approver migpci.1",
    ...AFTER_ACK,
  ]);
});
