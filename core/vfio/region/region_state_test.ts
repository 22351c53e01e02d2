import { assertEquals } from "@std/assert";
import {
  changeRegionState,
  isRegionStateError,
  isValidRegionState,
  REGION_STATE,
  REGION_STATE_ERROR,
  REGION_STATE_MASK,
  regionStateName,
} from "./region_state.ts";

const { RUNNING, SAVING, RESUMING } = REGION_STATE;

Deno.test("of the eight combinations five are states and one is the error marker", () => {
  const table = [0, 1, 2, 3, 4, 5, 6, 7].map((state) =>
    `${state} ${regionStateName(state)} ${isValidRegionState(state)} ${isRegionStateError(state)}`
  );
  assertEquals(table, [
    "0 STOP true false",
    "1 RUNNING true false",
    "2 SAVING true false",
    "3 SAVING|RUNNING true false",
    "4 RESUMING true false",
    "5 0x5 false false",
    "6 ERROR false true",
    "7 0x7 false false",
  ]);
  assertEquals(REGION_STATE_ERROR, 6);
});

Deno.test("bits outside of the mask make no state", () => {
  for (const state of [8, 9, 0x8000_0001, -1]) assertEquals(isValidRegionState(state), false);
  assertEquals(regionStateName(-1), "0xffffffff");
});

Deno.test("the changes QEMU makes lead where the facts say", () => {
  const change = (state: number, keep: number, set: number) =>
    regionStateName(changeRegionState(state, keep, set));
  assertEquals(change(RUNNING, REGION_STATE_MASK, SAVING), "SAVING|RUNNING");
  assertEquals(change(SAVING | RUNNING, ~RUNNING, 0), "SAVING");
  assertEquals(change(SAVING, ~SAVING, 0), "STOP");
  assertEquals(change(RUNNING, ~REGION_STATE_MASK, RESUMING), "RESUMING");
  assertEquals(change(RESUMING, ~REGION_STATE_MASK, RUNNING), "RUNNING");
  assertEquals(change(SAVING, ~(SAVING | RESUMING), RUNNING), "RUNNING");
});

Deno.test("a change keeps the register's unknown bits, as a u32", () => {
  assertEquals(changeRegionState(0x8000_0000, ~RUNNING, SAVING), 0x8000_0002);
});
