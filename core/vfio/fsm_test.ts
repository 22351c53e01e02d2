import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  DEVICE_STATE,
  DEVICE_STATES,
  type DeviceState,
  deviceStateName,
  parseDeviceState,
} from "./device_state.ts";
import { ERRNO } from "../libc/errno.ts";
import { nextState, NO_WAY, transitionPath } from "./fsm.ts";
import { MIGRATION, migrationFlagNames } from "./migration_flags.ts";

const { ERROR, STOP_COPY, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;
const PLAIN = MIGRATION.STOP_COPY;
const P2P = MIGRATION.STOP_COPY | MIGRATION.P2P;
const PRE = MIGRATION.STOP_COPY | MIGRATION.PRE_COPY;
const ALL = MIGRATION.STOP_COPY | MIGRATION.P2P | MIGRATION.PRE_COPY;

// The arcs a driver has to implement, as the kernel documents them by feature, without the table.
const ARCS_ALWAYS = `
  STOP > RESUMING
  RESUMING > STOP
  STOP > STOP_COPY
  STOP_COPY > STOP`;
const ARCS_WITHOUT_P2P = `
  RUNNING > STOP
  STOP > RUNNING`;
const ARCS_WITH_P2P = `
  RUNNING > RUNNING_P2P
  RUNNING_P2P > RUNNING
  RUNNING_P2P > STOP
  STOP > RUNNING_P2P`;
const ARCS_WITH_PRE_COPY = `
  RUNNING > PRE_COPY
  PRE_COPY > RUNNING`;
const ARCS_WITH_PRE_COPY_WITHOUT_P2P = `
  PRE_COPY > STOP_COPY`;
const ARCS_WITH_PRE_COPY_AND_P2P = `
  PRE_COPY > PRE_COPY_P2P
  PRE_COPY_P2P > PRE_COPY
  PRE_COPY_P2P > RUNNING_P2P
  RUNNING_P2P > PRE_COPY_P2P
  PRE_COPY_P2P > STOP_COPY`;

const PRIMITIVE_ARCS = new Map([
  [PLAIN, ARCS_ALWAYS + ARCS_WITHOUT_P2P],
  [P2P, ARCS_ALWAYS + ARCS_WITH_P2P],
  [PRE, ARCS_ALWAYS + ARCS_WITHOUT_P2P + ARCS_WITH_PRE_COPY + ARCS_WITH_PRE_COPY_WITHOUT_P2P],
  [ALL, ARCS_ALWAYS + ARCS_WITH_P2P + ARCS_WITH_PRE_COPY + ARCS_WITH_PRE_COPY_AND_P2P],
]);

type Arc = readonly [DeviceState, DeviceState];

function parsePath(text: string): DeviceState[] {
  return text.split(">").map((name) => parseDeviceState(name.trim()));
}

function parseArcs(text: string): readonly Arc[] {
  return text.trim().split("\n").map((line) => {
    const [from, to] = line.split(">");
    return [parseDeviceState(from?.trim() ?? ""), parseDeviceState(to?.trim() ?? "")];
  });
}

const inSession = (state: DeviceState) =>
  state === PRE_COPY || state === PRE_COPY_P2P || state === STOP_COPY;

/** A way may not lead through a saving state, unless it never leaves that session. */
const isAllowed = (path: readonly DeviceState[]) =>
  path.every(inSession) || !path.slice(1, -1).some(inSession);

/** Every allowed way of the least length, start included, by trying all ways. */
function shortestPaths(arcs: readonly Arc[], start: DeviceState, end: DeviceState) {
  let paths: DeviceState[][] = [[start]];
  while (paths.length > 0) {
    const found = paths.filter((path) => path.at(-1) === end && isAllowed(path));
    if (found.length > 0) return found;
    paths = paths.flatMap((path) =>
      arcs
        .filter(([from, to]) => from === path.at(-1) && !path.includes(to))
        .map(([, to]) => [...path, to])
    );
  }
  return [];
}

function isBlocked(current: DeviceState, requested: DeviceState): boolean {
  return current === STOP_COPY && (requested === PRE_COPY || requested === PRE_COPY_P2P);
}

for (const [flags, text] of PRIMITIVE_ARCS) {
  const features = migrationFlagNames(flags);
  const arcs = parseArcs(text);
  const states = new Set(arcs.flat());

  Deno.test(`${features}: every step of every path is an arc the driver implements`, () => {
    for (const current of DEVICE_STATES) {
      for (const requested of DEVICE_STATES) {
        let state = current;
        for (const step of transitionPath(flags, current, requested) ?? []) {
          assertEquals(
            arcs.some(([from, to]) => from === state && to === step),
            true,
            `${deviceStateName(state)} -> ${deviceStateName(step)} is no arc`,
          );
          state = step;
        }
      }
    }
  });

  Deno.test(`${features}: every path is the one shortest way that crosses no session`, () => {
    for (const current of DEVICE_STATES) {
      for (const requested of DEVICE_STATES) {
        const pair = `${deviceStateName(current)} -> ${deviceStateName(requested)}`;
        const path = transitionPath(flags, current, requested);
        if (!states.has(current) || !states.has(requested) || isBlocked(current, requested)) {
          assertStrictEquals(path, null, pair);
        } else {
          assertEquals(
            [[current, ...path ?? [ERROR]]],
            shortestPaths(arcs, current, requested),
            pair,
          );
        }
      }
    }
  });

  Deno.test(`${features}: nextState() gives the first state of the path`, () => {
    for (const current of DEVICE_STATES) {
      for (const requested of DEVICE_STATES) {
        const path = transitionPath(flags, current, requested);
        const first = path === null ? NO_WAY : path[0] ?? current;
        assertEquals(nextState(flags, current, requested), first);
      }
    }
  });
}

Deno.test("requests are carried out along the documented paths", () => {
  const paths: [flags: number, path: string][] = [
    [ALL, "RUNNING > RUNNING_P2P > STOP > STOP_COPY"],
    [ALL, "PRE_COPY > RUNNING > RUNNING_P2P > STOP"],
    [ALL, "STOP > RUNNING_P2P > RUNNING > PRE_COPY"],
    [ALL, "RESUMING > STOP > RUNNING_P2P > RUNNING"],
    [ALL, "PRE_COPY > PRE_COPY_P2P > STOP_COPY"],
    [ALL, "RESUMING > STOP > RUNNING_P2P > RUNNING > PRE_COPY"],
    [ALL, "PRE_COPY > RUNNING > RUNNING_P2P > STOP > RESUMING"],
    [PRE, "PRE_COPY > STOP_COPY"],
    [PRE, "RUNNING > STOP > STOP_COPY"],
    [PRE, "PRE_COPY > RUNNING > STOP"],
    [PLAIN, "RUNNING > STOP > STOP_COPY"],
    [PLAIN, "RUNNING > STOP > RESUMING"],
  ];
  for (const [flags, text] of paths) {
    const [current = ERROR, ...path] = parsePath(text);
    assertEquals(transitionPath(flags, current, path.at(-1) ?? ERROR), path, text);
  }
});

Deno.test("there is no way back from STOP_COPY into precopy", () => {
  for (const flags of PRIMITIVE_ARCS.keys()) {
    assertStrictEquals(nextState(flags, STOP_COPY, PRE_COPY), NO_WAY);
    assertStrictEquals(nextState(flags, STOP_COPY, PRE_COPY_P2P), NO_WAY);
  }
});

Deno.test("there is no way to ERROR, nor out of it, not even to ERROR itself", () => {
  for (const flags of PRIMITIVE_ARCS.keys()) {
    for (const state of DEVICE_STATES) {
      assertStrictEquals(nextState(flags, state, ERROR), NO_WAY);
      assertStrictEquals(nextState(flags, ERROR, state), NO_WAY);
      assertStrictEquals(transitionPath(flags, ERROR, state), null);
    }
  }
});

Deno.test("a request for the current state is an empty path, if the device has that state", () => {
  assertEquals(transitionPath(ALL, PRE_COPY, PRE_COPY), []);
  assertEquals(transitionPath(PLAIN, STOP_COPY, STOP_COPY), []);
  assertStrictEquals(transitionPath(P2P, PRE_COPY, PRE_COPY), null);
});

Deno.test("a state the device does not have can be neither asked for nor left", () => {
  assertStrictEquals(nextState(P2P, DEVICE_STATE.RUNNING, PRE_COPY), NO_WAY);
  assertStrictEquals(nextState(PRE, DEVICE_STATE.RUNNING, DEVICE_STATE.RUNNING_P2P), NO_WAY);
  assertStrictEquals(nextState(P2P, PRE_COPY, DEVICE_STATE.RUNNING), NO_WAY);
  assertStrictEquals(nextState(0, DEVICE_STATE.RUNNING, DEVICE_STATE.STOP), NO_WAY);
});

Deno.test("NO_WAY is the negative EINVAL", () => {
  assertEquals(NO_WAY, -ERRNO.EINVAL);
});
