import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../../libc/mod.ts";
import {
  attachLoadGate,
  cancelLoads,
  configReady,
  createLoadGate,
  endLoad,
  LOAD_CHANGES_WORD,
  loadCanceller,
  loadsCancelled,
  loadsRunning,
  noteConfigReady,
  releaseConfigTurn,
  startSwitchover,
  switchoverStarted,
  takeConfigTurn,
} from "./load_gate.ts";

Deno.test("only devices with multifd transfer are waited for, each once", () => {
  const gate = createLoadGate([true, false, true], false);
  assertEquals(loadsRunning(gate), 2);
  endLoad(gate, 0, 0);
  endLoad(gate, 0, 0);
  endLoad(gate, 1, 0);
  assertEquals(loadsRunning(gate), 1);
  endLoad(gate, 2, 0);
  assertEquals(loadsRunning(gate), 0);
});

Deno.test("one device has the config turn; only it can give it back", () => {
  const gate = createLoadGate([true, true], false);
  assert(takeConfigTurn(gate, 1) && takeConfigTurn(gate, 1) && !takeConfigTurn(gate, 0));
  releaseConfigTurn(gate, 0);
  assert(!takeConfigTurn(gate, 0));
  releaseConfigTurn(gate, 1);
  assert(takeConfigTurn(gate, 0));
});

Deno.test("the first reason to end the loads stays", () => {
  const gate = createLoadGate([true, true], false);
  assertEquals([loadsCancelled(gate), loadCanceller(gate)], [0, -1]);
  cancelLoads(gate, -ERRNO.EIO, 1);
  cancelLoads(gate, -ERRNO.ECANCELED, -1);
  assertEquals([loadsCancelled(gate), loadCanceller(gate)], [-ERRNO.EIO, 1]);
});

Deno.test("whatever a load can wait for changes the word it waits on, in every thread's view", () => {
  const gate = createLoadGate([true], true);
  const other = attachLoadGate(gate.words);
  takeConfigTurn(other, 0);
  const changes: (() => void)[] = [
    () => startSwitchover(other),
    () => noteConfigReady(other, 0),
    () => releaseConfigTurn(other, 0),
    () => cancelLoads(other, -ERRNO.EIO, -1),
    () => endLoad(other, 0, 0),
  ];
  for (const change of changes) {
    const before = Atomics.load(gate.words, LOAD_CHANGES_WORD);
    change();
    assert(Atomics.load(gate.words, LOAD_CHANGES_WORD) !== before);
  }
  assert(switchoverStarted(gate) && configReady(gate, 0));
});
