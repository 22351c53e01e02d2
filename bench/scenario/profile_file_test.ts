import { assert, assertEquals, assertRejects } from "@std/assert";
import { GENERIC_PROFILE } from "../../core/device/profile.ts";
import { loadScenario } from "./load.ts";
import { applyOverrides } from "./overrides.ts";
import { PROFILE_SCHEMA } from "./profile_file.ts";
import { ScenarioError } from "./scenario_error.ts";

const ORIGIN = { log: "src.trace", policy: "qemu-9.2", assumed: [] };
const NIC = { ...GENERIC_PROFILE, state_size: 1_000_000, suspend_p2p_ms: 7 };

async function withFiles(
  file: unknown,
  devices: readonly unknown[],
  use: (scenario: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/nic.json`,
      typeof file === "string" ? file : JSON.stringify(file),
    );
    const scenario = { name: "t", question: "?", devices };
    await Deno.writeTextFile(`${folder}/t.jsonc`, JSON.stringify(scenario));
    await use(`${folder}/t.jsonc`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const refusal = (file: unknown, profile: string, words: string) =>
  withFiles(file, [{ id: "a", profile }], async (path) => {
    const error = await assertRejects(() => loadScenario(path, ""), ScenarioError, words);
    assertEquals(error.message.split("\n").length, 1);
  });

Deno.test("a device starts from a profile file beside the scenario, with its own keys over it", () =>
  withFiles(
    { schema: PROFILE_SCHEMA, origin: ORIGIN, devices: { nic0: NIC } },
    [{ id: "a", profile: "./nic.json", resume_ms: 3 }],
    async (path) => {
      const scenario = await loadScenario(path, "");
      const [device] = scenario.devices;
      assert(device?.kind === "simulated");
      assertEquals(device.profile, { ...NIC, resume_ms: 3 });
      const [slower] = applyOverrides(scenario, ["devices.a.suspend_stop_ms=9"]).devices;
      assert(slower?.kind === "simulated");
      assertEquals(slower.profile, { ...NIC, resume_ms: 3, suspend_stop_ms: 9 });
      const [other] = applyOverrides(scenario, ["devices.a.profile=generic"]).devices;
      assert(other?.kind === "simulated");
      assertEquals(other.profile, { ...GENERIC_PROFILE, resume_ms: 3 });
    },
  ));

Deno.test("of several devices the named one is taken, or the one of that id", () =>
  withFiles(
    { schema: PROFILE_SCHEMA, origin: ORIGIN, devices: { a: NIC, b: GENERIC_PROFILE } },
    [{ id: "a", profile: "./nic.json" }, { id: "c", profile: "./nic.json#b" }],
    async (path) => {
      const [a, c] = (await loadScenario(path, "")).devices;
      assert(a?.kind === "simulated" && c?.kind === "simulated");
      assertEquals([a.profile, c.profile], [NIC, GENERIC_PROFILE]);
    },
  ));

Deno.test("what is no profile file is one line that says why", async () => {
  const whole = { schema: PROFILE_SCHEMA, origin: ORIGIN, devices: { b: NIC, c: NIC } };
  await refusal(whole, "./none.json", "there is no such file");
  await refusal("{", "./nic.json", "Cannot parse the profile file");
  await refusal({ ...whole, schema: "x" }, "./nic.json", `expected "${PROFILE_SCHEMA}"`);
  await refusal(whole, "./nic.json", 'the file has no device "a", did you mean #');
  await refusal(whole, "./nic.json#bb", "did you mean #b?");
  const { p2p: _, ...partial } = NIC;
  await refusal({ ...whole, devices: { a: partial } }, "./nic.json", "devices.a.p2p");
  const typo = { ...NIC, resume_mss: 1 };
  await refusal(
    { ...whole, devices: { a: typo } },
    "./nic.json",
    "did you mean devices.a.resume_ms",
  );
});
