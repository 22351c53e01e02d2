/**
 * What the page's script gets of a trial. Written by the report, read in the browser: no import of either.
 * @module
 */

/** A moment that is marked in the charts of a trial. */
export interface Mark {
  readonly t_ms: number;
  readonly event:
    | "init_data_sent"
    | "switchover_acked"
    | "reinit"
    | "paused"
    | "switchover"
    | "pre-switchover"
    | "running"
    | "failed"
    | "reset";
  /** Empty where it is no single device's. */
  readonly device: string;
}

/** The lines and marks of one trial; the lists of a line have the same length. */
export interface CaseTimeline {
  readonly trial: number;
  readonly outcome: string;
  readonly end_ms: number;
  readonly pending: {
    readonly t_ms: readonly number[];
    readonly pending_bytes: readonly number[];
    readonly threshold_bytes: readonly number[];
  };
  /** The sum since the trial began. */
  readonly transferred: { readonly t_ms: readonly number[]; readonly bytes: readonly number[] };
  /** How many points and marks are not here, where there were too many to draw. */
  readonly points_left_out: number;
  readonly marks: readonly Mark[];
  readonly marks_left_out: number;
}

/** How a mark is told: by a letter, as colours alone do not, and by a word. */
export const MARKS: Readonly<Record<Mark["event"], { letter: string; name: string }>> = {
  init_data_sent: { letter: "I", name: "initial data of a device is sent" },
  switchover_acked: { letter: "A", name: "switchover-ack" },
  reinit: { letter: "R", name: "REINIT: new initial data" },
  paused: { letter: "P", name: "guest paused" },
  switchover: { letter: "S", name: "switchover decided" },
  "pre-switchover": { letter: "W", name: "waits for migrate-continue" },
  running: { letter: "G", name: "guest runs at the destination" },
  failed: { letter: "F", name: "failed" },
  reset: { letter: "X", name: "device was reset" },
};
