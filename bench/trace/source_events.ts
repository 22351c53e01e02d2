import {
  type Checkpoint,
  POLICIES,
  type PolicyName,
  type TraceStep,
} from "../../core/migration/mod.ts";
import { DEVICE_STATE, u64Add } from "../../core/vfio/mod.ts";
import {
  deviceEvent,
  downtimeText,
  eventText,
  FIRST_DEVICE_SECTION,
  idstr,
  RAM_SECTION,
  setStateText,
  stateReachedText,
  u64Text,
  vmstateText,
} from "./event_text.ts";
import { formOf } from "./log_form.ts";

type Step<Name extends TraceStep["step"]> = Extract<TraceStep, { readonly step: Name }>;
type Pending = Step<"pending">;
type Window = Step<"window">;

const CHECKPOINTS: Readonly<Partial<Record<Checkpoint, string>>> = {
  "source-decided": "src-downtime-start",
  "source-stopped": "src-vm-stopped",
  "source-devices-saved": "src-iterable-saved",
  "source-config-saved": "src-non-iterable-saved",
  "source-end": "src-downtime-end",
};

const PAGE_SIZE = 4096;
/**
 * Says a source's steps in the words of QEMU's events, the way the policy's generation says them. It keeps what
 * QEMU keeps: which devices have begun to iterate, and which have told that they are empty.
 */
export function createSourceEvents(policy: PolicyName): (step: TraceStep) => string[] {
  const isModern = formOf(policy) === "qemu-11.1";
  const { doubleCounting } = POLICIES[policy];
  const begun = new Set<string>();
  const told = new Set<string>();
  const sections = new Map<string, number>();
  let stopping = false;
  let lastTotal = 0;

  const sectionOf = (device: string | null) => {
    if (device === null) return RAM_SECTION;
    const section = sections.get(device) ?? FIRST_DEVICE_SECTION + sections.size;
    sections.set(device, section);
    return section;
  };
  const section = (name: string, device: string | null, rest = "") =>
    eventText(name, `${idstr(device)}, section_id ${sectionOf(device)}${rest}`);

  return (step) => {
    switch (step.step) {
      case "status":
        return statusTexts(step.status);
      case "return-path":
        return [
          eventText("open_return_path_on_source"),
          eventText("savevm_send_open_return_path"),
        ];
      case "shut":
        return [eventText("source_return_path_thread_shut", "0x0")];
      case "ram-synced":
        return [
          eventText("migration_bitmap_sync_start"),
          eventText(
            "migration_bitmap_sync_end",
            `dirty_pages ${Math.ceil(step.dirtyBytes / PAGE_SIZE)}`,
          ),
        ];
      case "set-state":
        return [setStateText(step.device, step.state, step.recover)];
      case "state-reached": {
        const reached = stateReachedText(step.device, step.state);
        return stopping && isStopped(step.state)
          ? [reached, vmstateText(step.device, step.state, false)]
          : [reached];
      }
      case "data-size":
        return isModern ? [dataSizeText(step)] : [];
      case "precopy-info":
        return isModern ? precopyInfoTexts(step) : [];
      case "device-known":
        return isModern ? [deviceKnownText(step)] : [];
      case "device-set-up":
        sectionOf(step.device);
        return [
          deviceEvent("vfio_save_setup", step.device, `data buffer size ${step.bufferBytes}`),
        ];
      case "pending":
        lastTotal = step.total;
        return isModern ? modernPending(step) : olderPending(step, doubleCounting);
      case "iterate":
        return [eventText("savevm_state_iterate")];
      case "turn": {
        const texts = [section("savevm_section_start", step.device)];
        if (step.device !== null && !begun.has(step.device)) {
          begun.add(step.device);
          texts.push(deviceEvent("vfio_save_iterate_start", step.device));
        }
        return texts;
      }
      case "turn-over":
        return [section("savevm_section_end", step.device, ` -> ${step.finished ? 1 : 0}`)];
      case "block":
        told.delete(step.device);
        return [deviceEvent("vfio_save_block", step.device, `data_size ${step.bytes}`)];
      case "empty":
        // Told once, until something was read again.
        if (told.has(step.device)) return [];
        told.add(step.device);
        return [deviceEvent("vfio_save_block_precopy_empty_hit", step.device)];
      case "iterated":
        return [
          deviceEvent(
            "vfio_save_iterate",
            step.device,
            `precopy initial size ${u64Text(step.initialBytes)} precopy dirty size ${
              u64Text(step.dirtyBytes)
            }`,
          ),
        ];
      case "init-data-sent":
        return isModern ? [deviceEvent("vfio_send_init_data_flag", step.device)] : [];
      case "window":
        return [windowText(step, isModern)];
      case "transferred":
        return [
          eventText(
            "migration_transferred_bytes",
            `qemu_file ${step.mainBytes} multifd ${step.multifdBytes} RDMA 0`,
          ),
        ];
      case "acked":
        return [
          eventText(
            "source_return_path_thread_switchover_acked",
            isModern ? `switchover_ack_pending_num ${step.pendingAcks}` : "",
          ),
        ];
      case "checkpoint":
        stopping = step.checkpoint === "source-decided";
        return [
          ...(stopping ? [eventText("migration_thread_low_pending", u64Text(lastTotal))] : []),
          eventText("vmstate_downtime_checkpoint", CHECKPOINTS[step.checkpoint]),
        ];
      case "switchover-start":
        return [eventText("savevm_send_switchover_start")];
      case "stop-copy":
        return [
          section("savevm_section_start", step.device),
          deviceEvent("vfio_save_complete_precopy_start", step.device),
        ];
      case "stop-copy-over":
        return [
          deviceEvent("vfio_save_complete_precopy", step.device, "ret 0"),
          section("savevm_section_end", step.device, " -> 0"),
        ];
      case "save-thread":
        return [
          deviceEvent(
            "vfio_save_complete_precopy_thread_start",
            step.device,
            `idstr ${idstr(step.device)} instance 0`,
          ),
        ];
      case "save-thread-over":
        return [deviceEvent("vfio_save_complete_precopy_thread_end", step.device, "ret 1")];
      case "config-saved":
        return [deviceEvent("vfio_save_device_config_state", step.device)];
      case "downtime-save":
        return [downtimeText("vmstate_downtime_save", step.device, step.tookNs)];
      case "cleaned-up":
        return [deviceEvent("vfio_save_cleanup", step.device)];
      default:
        return [];
    }
  };
}

/** Setup begins with the word of it, and ends with the migration's being active. */
function statusTexts(status: Step<"status">["status"]): string[] {
  const text = eventText("migrate_set_state", `new state ${status}`);
  if (status === "setup") return [text, eventText("savevm_state_setup")];
  if (status === "active") return [text, eventText("migration_thread_setup_complete")];
  return [text];
}

function deviceKnownText({ device, migrationFlags, precopyInfoV2 }: Step<"device-known">): string {
  const flags = `mig_flags 0x${migrationFlags.toString(16)}`;
  const used = `precopy_info_v2_used ${precopyInfoV2 ? 1 : 0}, dirty_pages_supported 0`;
  return deviceEvent("vfio_migration_init", device, `${flags}, ${used}`);
}

function isStopped(state: number): boolean {
  const { STOP, STOP_COPY, PRE_COPY_P2P, RUNNING_P2P } = DEVICE_STATE;
  return state === STOP || state === STOP_COPY || state === PRE_COPY_P2P || state === RUNNING_P2P;
}

function dataSizeText({ device, stopCopyLength, result }: Step<"data-size">): string {
  const answer = `stopcopy size ${u64Text(stopCopyLength)} ret ${result}`;
  return deviceEvent("vfio_query_stop_copy_size", device, answer);
}

function precopyInfoTexts(step: Step<"precopy-info">): string[] {
  const { device, initialBytes, dirtyBytes, reinit, result, asksForAck } = step;
  const answer = `init ${u64Text(initialBytes)}, dirty ${u64Text(dirtyBytes)}, reinit ${
    reinit ? 1 : 0
  }, ret ${result}`;
  const texts = [deviceEvent("vfio_query_precopy_size", device, answer)];
  if (reinit && asksForAck) {
    texts.push(deviceEvent("vfio_query_precopy_size_request_switchover_ack", device));
  }
  return texts;
}

/** 11.1: each device for itself, then the sums of all. */
function modernPending(pending: Pending): string[] {
  const [exact, final] = [pending.query === "estimate" ? 0 : 1, pending.query === "final" ? 1 : 0];
  const texts = pending.devices.map((one) =>
    deviceEvent(
      "vfio_state_pending",
      one.device,
      `stopcopy size ${u64Text(one.stopCopyLength)}, precopy initial size ${
        u64Text(one.initialBytes)
      }, precopy dirty size ${u64Text(one.dirtyBytes)}, request switchover ack ${
        one.asksForAck ? 1 : 0
      }, exact ${exact}, final ${final}`,
    )
  );
  texts.push(eventText(
    "qemu_savevm_query_pending",
    `exact=${exact}, final=${final}, precopy=${u64Text(pending.precopyBytes)}, stopcopy=${
      u64Text(pending.stopCopyBytes)
    }, postcopy=0, total=${
      u64Text(pending.total)
    }, collected switchover ack pending=${pending.collectedAcks}, total switchover ack pending=${pending.pendingAcks}`,
  ));
  return texts;
}

/** Up to 11.0: each device with the sum of RAM and the devices up to it. */
function olderPending(pending: Pending, doubleCounting: boolean): string[] {
  const kind = pending.query === "estimate" ? "estimate" : "exact";
  const texts: string[] = [];
  let sum = pending.ramBytes;
  for (const one of pending.devices) {
    const precopy = one.inPrecopy ? u64Add(one.initialBytes, one.dirtyBytes) : 0;
    if (kind === "exact") sum = u64Add(sum, one.stopCopyLength);
    if (kind === "estimate" || doubleCounting) sum = u64Add(sum, precopy);
    // The estimate passes over a device that is in no precopy state.
    if (kind === "estimate" && !one.inPrecopy) continue;
    const stopCopy = kind === "exact" ? ` stopcopy size ${u64Text(one.stopCopyLength)}` : "";
    texts.push(deviceEvent(
      `vfio_state_pending_${kind}`,
      one.device,
      `precopy ${u64Text(sum)} postcopy 0${stopCopy} precopy initial size ${
        u64Text(one.initialBytes)
      } precopy dirty size ${u64Text(one.dirtyBytes)}`,
    ));
  }
  const total = u64Text(pending.total);
  texts.push(
    eventText(
      `migrate_pending_${kind}`,
      `${kind} pending size ${total} (pre = ${total} post=0)`,
    ),
  );
  return texts;
}

/** Facts: up to 11.0 the bandwidth is in bytes/ms and the other as the user gave it; in 11.1 Mbit/s, and what is used. */
function windowText(window: Window, isModern: boolean): string {
  const { transferredBytes, timeSpentMs, threshold } = window;
  const bandwidth = isModern ? window.mbps : transferredBytes / timeSpentMs;
  const switchover = isModern
    ? window.switchoverBytesPerMs
    : window.availSwitchoverBandwidth / 1000;
  return eventText(
    "migrate_transferred",
    `transferred ${transferredBytes} time_spent ${timeSpentMs} bandwidth ${
      Math.trunc(bandwidth)
    } switchover_bw ${Math.trunc(switchover)} max_size ${threshold}`,
  );
}
