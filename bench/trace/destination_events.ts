import type { PolicyName, TraceStep } from "../../core/migration/mod.ts";
import { DEVICE_STATE } from "../../core/vfio/mod.ts";
import {
  deviceEvent,
  downtimeText,
  eventText,
  FIRST_DEVICE_SECTION,
  idstr,
  setStateText,
  stateReachedText,
  vmstateText,
} from "./event_text.ts";
import { formOf } from "./log_form.ts";

/** What the two sides have of acks; the words of 11.1's legacy events stand in no log that was seen. */
export interface AckForm {
  /** `switchover-ack-legacy` of the destination. */
  readonly legacy: boolean;
}

/** The tags of a device's records in the stream. */
const TAG = {
  setup: "0xffffffffef100003",
  data: "0xffffffffef100004",
  config: "0xffffffffef100002",
} as const;

/** Says a destination's steps in the words of QEMU's events. */
export function createDestinationEvents(
  policy: PolicyName,
  { legacy }: AckForm,
): (step: TraceStep) => string[] {
  const isModern = formOf(policy) === "qemu-11.1";
  const countsAcks = !isModern || legacy;
  let isLoaded = false;
  let sections = 0;

  return (step) => {
    switch (step.step) {
      case "set-state":
        return [setStateText(step.device, step.state, step.recover)];
      case "state-reached": {
        const { RUNNING, RUNNING_P2P } = DEVICE_STATE;
        const reached = stateReachedText(step.device, step.state);
        return isLoaded && (step.state === RUNNING || step.state === RUNNING_P2P)
          ? [reached, vmstateText(step.device, step.state, true)]
          : [reached];
      }
      case "load-set-up":
        if (isModern) return [eventText("loadvm_state_setup")];
        return [
          eventText("loadvm_state_setup"),
          eventText(
            "loadvm_state_switchover_ack_needed",
            `Switchover ack pending num=${step.awaitedAcks}`,
          ),
        ];
      case "load":
        return [
          ...(step.what === "setup"
            ? [
              eventText("qemu_loadvm_state_section", "1"),
              eventText(
                "qemu_loadvm_state_section_startfull",
                `${FIRST_DEVICE_SECTION + sections++}(${idstr(step.device)}) 0 1`,
              ),
            ]
            : []),
          deviceEvent("vfio_load_state", step.device, `data ${TAG[step.what]}`),
          ...(step.what === "config"
            ? [
              deviceEvent("vfio_load_device_config_state_start", step.device),
              deviceEvent("vfio_load_device_config_state_end", step.device),
            ]
            : []),
        ];
      case "loaded":
        return [
          deviceEvent("vfio_load_state_device_data", step.device, `size ${step.bytes} ret 0`),
        ];
      case "approved":
        if (!isModern) {
          return [
            eventText(
              "loadvm_approve_switchover",
              `Switchover ack pending num=${step.awaitedAcks}`,
            ),
          ];
        }
        return countsAcks
          ? [
            eventText(
              "loadvm_approve_switchover_legacy",
              `Approver ${step.device} Switchover ack pending num=${step.awaitedAcks}`,
            ),
          ]
          : [eventText("loadvm_approve_switchover", `Approver ${step.device}`)];
      case "switchover-start":
        return [eventText("loadvm_process_command", "com=SWITCHOVER_START len=0")];
      case "downtime-load":
        return [downtimeText("vmstate_downtime_load", step.device, step.tookNs)];
      case "checkpoint":
        if (step.checkpoint !== "destination-loaded") {
          return [eventText("vmstate_downtime_checkpoint", "dst-precopy-bh-vm-started")];
        }
        isLoaded = true;
        return [
          eventText("vmstate_downtime_checkpoint", "dst-precopy-loadvm-completed"),
          eventText("vmstate_downtime_checkpoint", "dst-precopy-bh-enter"),
        ];
      case "status":
        return [eventText("migrate_set_state", `new state ${step.status}`)];
      case "cleaned-up":
        return [deviceEvent("vfio_load_cleanup", step.device)];
      case "reply":
        return [
          eventText("migrate_send_rp_message", step.kind === "ack" ? "7: len 0" : "1: len 4"),
        ];
      default:
        return [];
    }
  };
}
