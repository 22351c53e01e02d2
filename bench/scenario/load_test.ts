import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join, resolve } from "node:path";
import { expandCases } from "./expand.ts";
import { listScenarios, loadScenario } from "./load.ts";
import { ScenarioError } from "./scenario_error.ts";

const SCENARIOS = new URL("../../scenarios/", import.meta.url);

const TINY = `{
  "name": "tiny",
  "question": "Does anything move at all?", // a comment
  "devices": [{ "id": "nic0", "profile": "generic" },],
}`;

/** Runs in a folder of its own with these files in it. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  run: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(dir, name), text);
    }
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function messageOf(nameOrPath: string, dir: string): Promise<string> {
  const error = await assertRejects(() => loadScenario(nameOrPath, dir), ScenarioError);
  assertEquals(error.message.includes("\n"), false, "more than one line");
  return error.message;
}

Deno.test("every scenario of the project loads and expands", async () => {
  const names = await listScenarios(SCENARIOS);
  const cases = new Map<string, number>();
  for (const name of names) {
    cases.set(name, expandCases(await loadScenario(name, SCENARIOS)).length);
  }
  for (const name of ["smoke", "precopy", "buffer-size", "replay", "reinit", "policy"]) {
    assertEquals((cases.get(name) ?? 0) > 0, true, name);
  }
  assertEquals(cases.get("buffer-size"), 18);
});

Deno.test("a scenario is found by its name and by its path", async () => {
  await withFiles({ "tiny.jsonc": TINY }, async (dir) => {
    const byName = await loadScenario("tiny", dir);
    assertEquals(byName.name, "tiny");
    assertEquals(await loadScenario(join(dir, "tiny.jsonc"), "/nowhere"), byName);
  });
});

Deno.test("an unknown name is told the nearest and all there are", async () => {
  await withFiles({ "tiny.jsonc": TINY, "large.jsonc": TINY, "notes.md": "" }, async (dir) => {
    assertEquals(await listScenarios(dir), ["large", "tiny"]);
    assertEquals(
      await messageOf("tyni", dir),
      'Cannot find the scenario "tyni": did you mean tiny? There are large, tiny',
    );
  });
});

Deno.test("where nothing can be found, the line says where it was looked for", async () => {
  await withFiles({}, async (dir) => {
    assertEquals(
      await messageOf("tiny", dir),
      `Cannot find the scenario "tiny": there are none in ${dir}, give a path`,
    );
    assertEquals(
      await messageOf("tiny", `${dir}/none`),
      `Cannot list the scenarios in ${dir}/none: no such file or folder; give a scenario's path instead`,
    );
    assertEquals(
      await messageOf(`${dir}/tiny.jsonc`, dir),
      `Cannot read the scenario ${dir}/tiny.jsonc: no such file or folder; give a file that can be read, or a scenario's name`,
    );
  });
});

Deno.test("what is not JSONC is told with line and column", async () => {
  const texts: [string, string][] = [
    [`{\n  "name": "bad",\n  "trials": fife\n}`, ':3:13 as JSONC: unexpected token "fife"'],
    [`{ "name": "bad",, }`, ':1:17 as JSONC: unexpected token ","'],
    [`{\n  "name": "bad"`, ":2:16 as JSONC: unexpected end of JSONC input"],
    [``, ":1:1 as JSONC: unexpected end of JSONC input"],
    [`{ "name": "b\nd" }`, ':1:11 as JSONC: unexpected token ""b d""'],
  ];
  for (const [text, end] of texts) {
    await withFiles({ "bad.jsonc": text }, async (dir) => {
      assertEquals(await messageOf("bad", dir), `Cannot parse ${dir}/bad.jsonc${end}`);
    });
  }
});

Deno.test("a wrong file is told with its path", async () => {
  const wrong = TINY.replace(`"id"`, `"dirty_rat": 1, "id"`);
  await withFiles({ "tiny.jsonc": wrong, "list.jsonc": "[]" }, async (dir) => {
    assertEquals(
      await messageOf("tiny", dir),
      `Cannot use devices[0].dirty_rat in ${dir}/tiny.jsonc: no such key, did you mean devices[0].dirty_rate?`,
    );
    assertEquals(
      await messageOf("list", dir),
      `Cannot use ${dir}/list.jsonc: received [], expected an object: a scenario`,
    );
  });
});

Deno.test("a scenario is called what its file is called", async () => {
  await withFiles({ "other.jsonc": TINY }, async (dir) => {
    assertEquals(
      await messageOf("other", dir),
      `Cannot use name in ${dir}/other.jsonc: received "tiny", expected the file's name: "other"`,
    );
  });
});

Deno.test("a capture's path starts at the scenario's folder, and it must be there", async () => {
  const scenario = TINY.replace(`"profile": "generic"`, `"capture": "a.jsonl"`);
  await withFiles({ "tiny.jsonc": scenario }, async (dir) => {
    assertEquals(
      await messageOf("tiny", dir),
      `Cannot use devices[0].capture in ${dir}/tiny.jsonc: received "a.jsonl", ` +
        `expected a recording's .jsonl, and there is no ${dir}/a.jsonl`,
    );
    await Deno.writeTextFile(join(dir, "a.jsonl"), "");
    const { devices } = await loadScenario("tiny", dir);
    const capture = resolve(dir, "a.jsonl");
    const timing = { replay_timing: "none", replay_speed: 1 } as const;
    assertEquals(devices, [{ id: "nic0", kind: "replayed", capture, ...timing }]);
  });
});

Deno.test("a replay says how it takes its time", async () => {
  const capture = `"capture": "a.jsonl", "replay_timing": "recorded", "replay_speed": 2`;
  const scenario = TINY.replace(`"profile": "generic"`, capture);
  await withFiles({ "tiny.jsonc": scenario, "a.jsonl": "" }, async (dir) => {
    const { devices: [device] } = await loadScenario("tiny", dir);
    assert(device?.kind === "replayed");
    assertEquals([device.replay_timing, device.replay_speed], ["recorded", 2]);
  });
  const wrong = TINY.replace(`"profile": "generic"`, capture.replace(": 2", ": 0"));
  await withFiles({ "tiny.jsonc": wrong, "a.jsonl": "" }, async (dir) => {
    assertStringIncludes(await messageOf("tiny", dir), "received 0, expected a number above 0");
  });
  const foreign = TINY.replace(`"profile": "generic"`, `"profile": "generic", "replay_speed": 2`);
  await withFiles({ "tiny.jsonc": foreign }, async (dir) => {
    assertStringIncludes(await messageOf("tiny", dir), "devices[0].replay_speed");
  });
});
