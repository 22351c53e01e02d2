import { assertEquals, assertMatch } from "@std/assert";
import type { CaseResult } from "./result_document.ts";
import { hasRealDevices, verifiedText } from "./verified_text.ts";

function played(
  trials: number,
  how: Partial<Pick<CaseResult, "clock" | "verified_by" | "downtime_rests_on">>,
): CaseResult {
  return {
    scenario: "s",
    label: "",
    varies: {},
    params: {},
    clock: "wall",
    trials,
    failed: 0,
    state_verified: how.verified_by !== "nobody",
    metrics: {},
    downtime_breakdown_ms: {},
    devices: {},
    outliers: {},
    shows: "downtime",
    errors: [],
    ...how,
  };
}

Deno.test("nothing is called verified that nobody checked", () => {
  assertEquals(verifiedText([played(3, {})]), "State verified byte for byte in all 3 trials.");
  assertEquals(
    verifiedText([played(2, { verified_by: "driver" }), played(1, { verified_by: "driver" })]),
    "State accepted by the destination's driver in all 3 trials.",
  );
  assertEquals(
    verifiedText([played(2, { downtime_rests_on: ["one clock"] })]),
    "State verified by the SHA-256 of both processes in all 2 trials.",
  );
  const nobody = verifiedText([played(3, { verified_by: "nobody" })]);
  assertEquals(nobody, "State not verified in all 3 trials: it went to no device.");
});

Deno.test("cases that are verified in different ways are told apart", () => {
  const text = verifiedText([
    played(3, {}),
    played(2, { clock: "virtual" }),
    played(4, { verified_by: "driver" }),
  ]);
  assertMatch(text, /byte for byte in all 3 trials on the wall clock\. Every record .* 2 trials/);
  assertMatch(text, /driver in all 4 trials\.$/);
});

Deno.test("real devices are known by who verified them", () => {
  assertEquals(hasRealDevices([played(1, {}), played(1, { clock: "virtual" })]), false);
  assertEquals(hasRealDevices([played(1, {}), played(1, { verified_by: "nobody" })]), true);
});
