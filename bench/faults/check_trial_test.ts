import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Case } from "../scenario/mod.ts";
import { runVirtualTrial, type Trial } from "../trial/mod.ts";
import { checkTrial } from "./check_trial.ts";
import { caseOf } from "./draw_trial.ts";

const NIC = { id: "nic0", profile: "generic", state_size: "1MiB" };
const LIMIT_MS = 30_000;

function play(faults: unknown[], file = {}): { one: Case; trial: Trial } {
  const one = caseOf({ clock: "virtual", devices: [NIC], faults, ...file });
  assert(typeof one !== "string", String(one));
  return { one, trial: runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: 1 }) };
}

/** The one rule that a trial breaks once something of it is another. */
function broken(
  { one, trial }: { one: Case; trial: Trial },
  change: { record?: Partial<Trial["record"]>; aftermath?: Partial<Trial["aftermath"]> },
): string {
  const changed = {
    ...trial,
    record: { ...trial.record, ...change.record },
    aftermath: { ...trial.aftermath, ...change.aftermath },
  };
  const violations = checkTrial(one, changed, LIMIT_MS);
  assert(violations.length > 0, "no rule was broken");
  return violations.join("; ");
}

const READ_EIO = { on: "nic0", side: "source", call: "read", give: "EIO" };

Deno.test("trials as they are keep the rules", () => {
  for (const faults of [[], [READ_EIO], [{ on: "channel", byte: 300, give: "drop" }]]) {
    const { one, trial } = play(faults);
    assertEquals(checkTrial(one, trial, LIMIT_MS), []);
  }
});

Deno.test("a wrong state that is called verified breaks a rule", () => {
  const corrupt = play([{ on: "channel", byte: 5000, give: "corrupt" }]);
  assertEquals(checkTrial(corrupt.one, corrupt.trial, LIMIT_MS), []);
  const good = play([]).trial;
  const said = broken(corrupt, {
    record: good.record,
    aftermath: { ...good.aftermath, injections: corrupt.trial.aftermath.injections },
  });
  assertStringIncludes(said, "completed though a byte was damaged");
});

Deno.test("an error that does not say what failed breaks a rule", () => {
  const failed = play([READ_EIO]);
  const { error } = failed.trial.record;
  assert(error !== null);
  const change = (part: Partial<typeof error>) =>
    broken(failed, { record: { error: { ...error, ...part } } });
  assertStringIncludes(change({ message: "read gave errno 512 of nic0" }), "its message is");
  assertStringIncludes(change({ errno: null }), "has no errno");
  assertStringIncludes(change({ phase: "somewhen" }), "its phase");
  assertStringIncludes(change({ device: "nic1" }), "is blamed");
  assertStringIncludes(broken(failed, { record: { error: null } }), "without an error");
});

Deno.test("guests that run where nobody says so, and devices that do not, break a rule", () => {
  const failed = play([READ_EIO]);
  assertStringIncludes(broken(failed, { aftermath: { guest: "both" } }), "guests run at both");
  assertStringIncludes(broken(failed, { aftermath: { guest: "neither" } }), "neither");
  const stuck = broken(failed, { aftermath: { source: { nic0: "PRE_COPY" } } });
  assertStringIncludes(stuck, "nic0 is PRE_COPY at the source");
  const good = play([]);
  const stopped = broken(good, { aftermath: { destination: { nic0: "RESUMING" } } });
  assertStringIncludes(stopped, "nic0 is RESUMING at the destination");
  assertStringIncludes(broken(good, { aftermath: { guest: "source" } }), "the guest is at source");
});

Deno.test("what takes too long, is cancelled by nobody, or has numbers it should not breaks a rule", () => {
  const good = play([]);
  assertStringIncludes(broken(good, { aftermath: { took_ms: LIMIT_MS + 1 } }), "it took");
  const failed = play([READ_EIO]);
  assertStringIncludes(broken(failed, { record: { outcome: "cancelled" } }), "nobody wanted");
  assertStringIncludes(broken(failed, { record: { metrics: { passes: 1 } } }), "has metrics");
  assertStringIncludes(broken(good, { record: { state_verified: false } }), "unverified");
});
