import { assertEquals, assertThrows } from "@std/assert";
import { parsePolicyName, POLICIES, POLICY_NAMES } from "./policy.ts";

Deno.test("each policy is found under its own name", () => {
  assertEquals(Object.keys(POLICIES), [...POLICY_NAMES]);
  for (const name of POLICY_NAMES) {
    assertEquals(parsePolicyName(name), name);
    assertEquals(POLICIES[name].name, name);
  }
});

Deno.test("parsePolicyName() names the choices when there is no such policy", () => {
  for (const text of ["qemu-10.0", "QEMU-9.2", "", "toString"]) {
    assertThrows(
      () => parsePolicyName(text),
      RangeError,
      `is not one of qemu-8.1, qemu-9.2, qemu-11.1: received "${text}"`,
    );
  }
});

Deno.test("a policy is nothing but data", () => {
  assertEquals(JSON.parse(JSON.stringify(POLICIES)), POLICIES);
});

Deno.test("rule: before 9.0 a handler that is not finished keeps the others waiting", () => {
  assertEquals(POLICY_NAMES.map((name) => POLICIES[name].iterateBlocksUntilFinished), [
    true,
    false,
    false,
  ]);
});

Deno.test("RAM's final sync is in save-complete up to 11.0, in the final query of 11.1", () => {
  assertEquals(
    POLICY_NAMES.map((name) => [POLICIES[name].finalQuery, POLICIES[name].ramFinalSync]),
    [
      [false, "save-complete"],
      [false, "save-complete"],
      [true, "final-query"],
    ],
  );
});

Deno.test("the iteration counter counts syncs up to 11.0, iterations in 11.1", () => {
  const count = (name: (typeof POLICY_NAMES)[number], exactQueries: number) => {
    const { start, setupSync, exactQuery, finalSync } = POLICIES[name].iterationCounter;
    return start + Number(setupSync) + exactQueries * Number(exactQuery) + Number(finalSync);
  };
  assertEquals(count("qemu-8.1", 16), 18);
  assertEquals(count("qemu-9.2", 16), 18);
  // Exact queries of real runs, and what their counters showed at the end.
  const runs = [[15, 16], [22, 23], [18, 19], [3, 4], [2, 3], [4, 5]] as const;
  for (const [exactQueries, shown] of runs) assertEquals(count("qemu-11.1", exactQueries), shown);
});
