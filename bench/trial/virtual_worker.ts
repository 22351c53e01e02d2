/**
 * A Worker that plays virtual trials: the cases first, then lists of turns, each answered with its trials.
 *
 * @module
 */

import type { Case } from "../scenario/mod.ts";
import type { Turn } from "./schedule.ts";
import { playVirtualTurn, type VirtualWork } from "./virtual_turn.ts";

let cases: ReadonlyMap<number, Case> = new Map();
let traced = false;

self.addEventListener("message", (event: MessageEvent<VirtualWork>) => {
  const work = event.data;
  if (work.type === "cases") ({ cases, traced } = work);
  else self.postMessage(work.turns.map((turn: Turn) => playVirtualTurn(cases, turn, traced)));
});
