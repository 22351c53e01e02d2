import { assertEquals } from "@std/assert";
import { noteStrike } from "../../core/fault/mod.ts";
import { expandCases, ScenarioSchema } from "../scenario/mod.ts";
import { injectionsIn, trialFaults } from "./trial_faults.ts";

function faultsOf(faults: unknown[]) {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "t",
    question: "?",
    params: { channel: "unix" },
    devices: [{ id: "nic0", profile: "generic" }, { id: "nic1", profile: "generic" }],
    faults,
  }));
  if (one === undefined) throw new TypeError("no case");
  return trialFaults(one);
}

Deno.test("what struck is told by its place in the user's plan, whoever carried it out", () => {
  const faults = faultsOf([
    { on: "channel", byte: 0, give: "drop" },
    { on: "host", side: "destination", give: "ENOMEM" },
    { on: "nic0", call: "read", side: "source", give: "EIO" },
  ]);
  noteStrike(faults.struck, 0, 50);
  // The host's, as each of its devices had it.
  const injections = injectionsIn(faults, [
    { fault: 4, atNs: 9, times: 2, nth: 1 },
    { fault: 3, atNs: 7, times: 1, nth: 1 },
  ]);
  assertEquals(injections, [
    { fault: 0, atNs: 50, times: 1 },
    { fault: 1, atNs: 7, times: 3, nth: 1 },
  ]);
});
