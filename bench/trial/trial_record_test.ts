import { assertEquals } from "@std/assert";
import { type Case, expandCases, type KernelSpec, ScenarioSchema } from "../scenario/mod.ts";
import { type TrialOutcome, trialRecord } from "./trial_record.ts";

const REAL: KernelSpec = {
  id: "vfio0",
  kind: "kernel",
  device: "/dev/vfio/devices/vfio0",
  to: "vfio1",
  driver: "migdev",
  precopy: true,
  p2p: true,
  state_size: 0,
};
const PLACE = { caseNumber: 0, trial: 0, seed: 1 };
const NOTHING: TrialOutcome = {
  source: null,
  destination: null,
  broken: null,
  obstacles: [],
  difference: null,
  compared: true,
  readDurations: null,
  writeDurations: null,
};

function caseOf(devices?: readonly KernelSpec[]): Case {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "s",
    question: "Is it told?",
    devices: [{ id: "nic0", profile: "generic" }],
  }));
  if (one === undefined) throw new Error("no case");
  return devices === undefined ? one : { ...one, devices };
}

Deno.test("who verified is in the record of real devices, and only there", () => {
  const of = (one: Case) => {
    const { state_verified, verified_by } = trialRecord(one, PLACE, NOTHING);
    return [state_verified, verified_by];
  };
  assertEquals(of(caseOf()), [true, undefined]);
  assertEquals("verified_by" in trialRecord(caseOf(), PLACE, NOTHING), false);
  assertEquals(of(caseOf([REAL])), [true, "driver"]);
  assertEquals(of(caseOf([{ ...REAL, to: "null" }])), [false, "nobody"]);
});

Deno.test("a real device that cannot be opened is told with its call and errno", () => {
  const broken = {
    message: "Cannot open vfio0: open /dev/vfio/4 gave EBUSY (Device or resource busy)",
    device: "vfio0",
    call: "open /dev/vfio/4",
    errno: "EBUSY",
  };
  const { outcome, error } = trialRecord(caseOf([REAL]), PLACE, { ...NOTHING, broken });
  assertEquals([outcome, error], ["failed", { ...broken, phase: "setup" }]);
  const plain = trialRecord(caseOf(), PLACE, { ...NOTHING, broken: { message: "It died" } });
  assertEquals([plain.error?.message, plain.error?.device], ["It died", null]);
});

Deno.test("a device that is not as it was found fails a trial, or is told with what failed it", () => {
  const obstacles = ["Cannot bring back vfio0", "Cannot bring back vfio1"];
  const alone = trialRecord(caseOf([REAL]), PLACE, { ...NOTHING, obstacles });
  assertEquals([alone.outcome, alone.error?.phase, alone.error?.message], [
    "failed",
    "cleanup",
    "Cannot bring back vfio0; Cannot bring back vfio1",
  ]);
  const broken = { message: "It died" };
  const both = trialRecord(caseOf([REAL]), PLACE, { ...NOTHING, broken, obstacles });
  assertEquals([both.error?.phase, both.error?.message], [
    "setup",
    "It died; Cannot bring back vfio0; Cannot bring back vfio1",
  ]);
});
