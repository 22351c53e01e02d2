import { assertEquals, assertThrows } from "@std/assert";
import { expandCases } from "./expand.ts";
import { applyOverrides } from "./overrides.ts";
import { errorOfIssues, ScenarioError } from "./scenario_error.ts";
import { ScenarioSchema } from "./schema.ts";

const FILE = {
  name: "tiny",
  question: "Which?",
  devices: [{ id: "nic0", profile: "generic", state_size: "8MiB" }],
  matrix: { policy: ["qemu-8.1", "qemu-11.1"] },
  variants: {
    honest: {},
    silent: { "devices.nic0.stop_copy_report": "error", downtime_limit_ms: "1s" },
  },
  expect: [
    {
      case: { variant: "silent", policy: "qemu-8.1" },
      metric: "failed_ratio",
      value: 1,
      basis: "rules",
    },
  ],
};

function errorLine(changes: object): string {
  const data = { ...FILE, ...changes };
  const { error } = ScenarioSchema.safeParse(data);
  return error === undefined ? "fine" : errorOfIssues(error.issues, data, "tiny.jsonc").message;
}

Deno.test("every variant goes through the whole matrix, with its settings and not the others'", () => {
  const cases = expandCases(ScenarioSchema.parse(FILE));
  assertEquals(
    cases.map(({ index, label, params, devices: [device] }) => [
      index,
      label,
      params.downtime_limit_ms,
      device?.kind === "simulated" ? device.profile.stop_copy_report : "",
    ]),
    [
      [0, "variant=honest policy=qemu-8.1", 300, "exact"],
      [1, "variant=honest policy=qemu-11.1", 300, "exact"],
      [2, "variant=silent policy=qemu-8.1", 1000, "error"],
      [3, "variant=silent policy=qemu-11.1", 1000, "error"],
    ],
  );
  assertEquals(cases[2]?.varies, { variant: "silent", policy: "qemu-8.1" });
});

Deno.test("a variant can be chosen, and what is set holds for all of them", () => {
  const scenario = ScenarioSchema.parse(FILE);
  const chosen = expandCases(applyOverrides(scenario, ["variant=silent"]));
  assertEquals(chosen.map(({ label }) => label), ["policy=qemu-8.1", "policy=qemu-11.1"]);
  assertEquals(chosen[0]?.params.downtime_limit_ms, 1000);
  const set = expandCases(applyOverrides(scenario, ["downtime_limit_ms=5"]));
  assertEquals(set.map(({ params }) => params.downtime_limit_ms), [5, 5, 5, 5]);
  assertThrows(
    () => applyOverrides(scenario, ["variant=loud"]),
    ScenarioError,
    'Cannot play variant "loud" of tiny: it has honest, silent',
  );
});

Deno.test("what is expected holds for the scenario as it stands only", () => {
  const scenario = ScenarioSchema.parse(FILE);
  assertEquals(scenario.expect[0]?.case, { variant: "silent", policy: "qemu-8.1" });
  assertEquals(applyOverrides(scenario, ["trials=9", "seed=3"]).expect.length, 1);
  for (const set of ["buffer_size=64KiB", "clock=virtual", "variant=silent"]) {
    assertEquals(applyOverrides(scenario, [set]).expect, [], set);
  }
  assertEquals(applyOverrides(scenario, [], ["downtime_limit_ms=5,6"]).expect, []);
});

Deno.test("another profile keeps what the scenario says of the device itself", () => {
  const scenario = applyOverrides(ScenarioSchema.parse(FILE), [
    "devices.nic0.dirty_rate=5",
    "devices.nic0.profile=generic",
  ]);
  const [device] = scenario.devices;
  assertEquals(device?.kind === "simulated" && device.given, {
    state_size: 8 * 1024 * 1024,
    dirty_rate: 5,
  });
  assertEquals(device?.kind === "simulated" && device.profile.dirty_rate, 5);
});

Deno.test("a variant or an expectation that cannot be is refused, with its place", () => {
  const lines = [
    errorLine({ variants: { odd: { "devices.nic1.stop_copy_report": "error" } }, expect: [] }),
    errorLine({ variants: { odd: { policy: "qemu-9.2" } }, expect: [] }),
    errorLine({ variants: { odd: { downtime_limit_ms: -1 } }, expect: [] }),
    errorLine({ expect: [{ case: { variant: "loud" }, metric: "x", value: 1, basis: "rules" }] }),
    errorLine({ expect: [{ case: { trials: 1 }, metric: "x", value: 1, basis: "rules" }] }),
    errorLine({ expect: [{ metric: "x", basis: "rules" }] }),
    errorLine({ expect: [{ metric: "x", value: 1, basis: "hope" }] }),
  ];
  assertEquals(lines.filter((line) => line === "fine" || !line.startsWith("Cannot use ")), []);
});
