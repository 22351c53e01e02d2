import { assertEquals } from "@std/assert";
import {
  endsSession,
  inSavingGroup,
  opensSession,
  type SessionSide,
  sessionSide,
} from "./data_session.ts";
import {
  DEVICE_STATE,
  DEVICE_STATES,
  type DeviceState,
  type DeviceStateName,
  deviceStateName,
} from "./device_state.ts";
import { transitionPath } from "./fsm.ts";
import { MIGRATION } from "./migration_flags.ts";

const { STOP_COPY, P2P, PRE_COPY } = MIGRATION;
const ALL = STOP_COPY | P2P | PRE_COPY;
const FEATURE_SETS = [STOP_COPY, STOP_COPY | P2P, STOP_COPY | PRE_COPY, ALL];

/** The arcs of a path as pairs of states. */
function arcsOf(current: DeviceState, path: readonly DeviceState[]) {
  return path.map((to, i) => ({ from: path[i - 1] ?? current, to }));
}

Deno.test("of all arcs, four open a session and four end one", () => {
  // Every arc of any feature set: [from, to, what it opens, whether it ends a session].
  const arcs: [DeviceStateName, DeviceStateName, SessionSide | null, boolean][] = [
    ["RUNNING", "PRE_COPY", "saving", false],
    ["RUNNING_P2P", "PRE_COPY_P2P", "saving", false],
    ["STOP", "STOP_COPY", "saving", false],
    ["STOP", "RESUMING", "resuming", false],
    ["PRE_COPY", "RUNNING", null, true],
    ["PRE_COPY_P2P", "RUNNING_P2P", null, true],
    ["STOP_COPY", "STOP", null, true],
    ["RESUMING", "STOP", null, true],
    ["PRE_COPY", "PRE_COPY_P2P", null, false],
    ["PRE_COPY_P2P", "PRE_COPY", null, false],
    ["PRE_COPY_P2P", "STOP_COPY", null, false],
    ["PRE_COPY", "STOP_COPY", null, false],
    ["RUNNING", "RUNNING_P2P", null, false],
    ["RUNNING_P2P", "RUNNING", null, false],
    ["RUNNING_P2P", "STOP", null, false],
    ["STOP", "RUNNING_P2P", null, false],
    ["RUNNING", "STOP", null, false],
    ["STOP", "RUNNING", null, false],
  ];
  for (const [from, to, opens, ends] of arcs) {
    assertEquals(opensSession(DEVICE_STATE[from], DEVICE_STATE[to]), opens, `${from} -> ${to}`);
    assertEquals(endsSession(DEVICE_STATE[from], DEVICE_STATE[to]), ends, `${from} -> ${to}`);
  }
});

Deno.test("three states save, one resumes, the others have no session", () => {
  const names = (side: SessionSide | null) =>
    DEVICE_STATES.filter((state) => sessionSide(state) === side).map(deviceStateName);
  assertEquals(names("saving"), ["STOP_COPY", "PRE_COPY", "PRE_COPY_P2P"]);
  assertEquals(names("resuming"), ["RESUMING"]);
  assertEquals(names(null), ["ERROR", "STOP", "RUNNING", "RUNNING_P2P"]);
  assertEquals(
    DEVICE_STATES.filter(inSavingGroup),
    DEVICE_STATES.filter((state) => sessionSide(state) === "saving"),
  );
});

Deno.test("along every path only the last arc opens a session, and only the first ends one", () => {
  for (const flags of FEATURE_SETS) {
    for (const current of DEVICE_STATES) {
      for (const requested of DEVICE_STATES) {
        const arcs = arcsOf(current, transitionPath(flags, current, requested) ?? []);
        const last = arcs.length - 1;
        for (const [i, { from, to }] of arcs.entries()) {
          const opens = opensSession(from, to);
          assertEquals(opens, i === last ? opensSession(current, requested) : null);
          assertEquals(endsSession(from, to), i === 0 && endsSession(current, requested));
        }
      }
    }
  }
});

Deno.test("the data_fd appears and dies where the kernel documents it", () => {
  const { RUNNING, STOP, STOP_COPY, PRE_COPY } = DEVICE_STATE;
  const along = (current: DeviceState, requested: DeviceState) =>
    arcsOf(current, transitionPath(ALL, current, requested) ?? []).map(({ from, to }) =>
      opensSession(from, to) ?? (endsSession(from, to) ? "end" : "")
    );
  assertEquals(along(RUNNING, STOP_COPY), ["", "", "saving"]);
  assertEquals(along(PRE_COPY, STOP), ["end", "", ""]);
  assertEquals(along(STOP, PRE_COPY), ["", "", "saving"]);
  assertEquals(along(PRE_COPY, STOP_COPY), ["", ""]);
  assertEquals(along(PRE_COPY, DEVICE_STATE.RESUMING), ["end", "", "", "resuming"]);
  assertEquals(along(DEVICE_STATE.RESUMING, STOP_COPY), ["end", "saving"]);
});

// Linux 7.2 with two drivers: what each SET MIG_DEVICE_STATE returned as data_fd, and whether a
// read on the data_fd afterwards gave ENODEV. The device was RUNNING before.
interface RecordedSet {
  readonly state: DeviceStateName;
  readonly dataFd: number;
  readonly dead?: true;
}
const RECORDED: Record<string, readonly RecordedSet[]> = {
  "mtty: saving": [
    { state: "PRE_COPY", dataFd: 7 },
    { state: "PRE_COPY_P2P", dataFd: -1 },
    { state: "STOP_COPY", dataFd: -1 },
    { state: "STOP", dataFd: -1, dead: true },
  ],
  "mtty: resuming": [
    { state: "RESUMING", dataFd: 8 },
    { state: "STOP", dataFd: -1 },
    { state: "RUNNING_P2P", dataFd: -1 },
    { state: "RUNNING", dataFd: -1 },
  ],
  "a synthetic driver with REINIT: saving": [
    { state: "PRE_COPY", dataFd: 7 },
    { state: "PRE_COPY_P2P", dataFd: -1 },
    { state: "STOP_COPY", dataFd: -1 },
    { state: "STOP", dataFd: -1, dead: true },
  ],
  "a synthetic driver with REINIT: resuming": [
    { state: "RESUMING", dataFd: 8 },
    { state: "STOP", dataFd: -1 },
    { state: "RUNNING_P2P", dataFd: -1 },
    { state: "RUNNING", dataFd: -1 },
  ],
};

for (const [name, sets] of Object.entries(RECORDED)) {
  Deno.test(`recorded, ${name}: the data_fd came and went as the arcs say`, () => {
    let current: DeviceState = DEVICE_STATE.RUNNING;
    for (const { state, dataFd, dead } of sets) {
      const requested = DEVICE_STATE[state];
      const arcs = arcsOf(current, transitionPath(ALL, current, requested) ?? []);
      assertEquals(arcs.length > 0, true, `no way to ${state}`);
      assertEquals(arcs.some(({ from, to }) => opensSession(from, to) !== null), dataFd >= 0);
      if (dead) assertEquals(arcs.some(({ from, to }) => endsSession(from, to)), true);
      current = requested;
    }
  });
}
