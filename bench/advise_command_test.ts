import { assert, assertEquals } from "@std/assert";
import { importedCapture } from "./profile/testdata/captures.ts";
import { writeProfile } from "./profile/mod.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;

async function run(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-read", "--allow-env", MAIN, "advise", ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an imported run, its profile and its scenario are advised on", () =>
  inFolder(async (folder) => {
    const imported = importedCapture("6-migpci64-ack-dirty");
    await Deno.writeTextFile(`${folder}/import.json`, JSON.stringify(imported));
    const { profile, scenario } = await writeProfile(imported, `${folder}/nic.json`);
    const ofRun = await run([folder, "--downtime-limit", "200ms", "--json"]);
    assertEquals(ofRun.code, 0, ofRun.err);
    const advice = JSON.parse(ofRun.out);
    assertEquals(advice.schema, "vfio-migbench/advice@1");
    assertEquals(advice.downtime_limit_ms, 200);
    assert(advice.answer.meets && advice.answer.downtime_ms <= 200);
    assert(advice.notes.length > 0);
    // The scenario is the same migration, and its advice the same.
    const ofScenario = await run([scenario, "--downtime-limit", "200ms", "--json"]);
    assertEquals(JSON.parse(ofScenario.out).tried, advice.tried);
    const ofProfile = await run([profile, "--downtime-limit", "10s"]);
    assertEquals(ofProfile.code, 0, ofProfile.err);
    assert(ofProfile.out.includes("meets 10 s: "));
    assert(ofProfile.out.includes("note: A profile says nothing of the guest"));
  }));

Deno.test("exit 1 where nothing meets the limit", async () => {
  const { code, out } = await run(["reinit", "--downtime-limit", "1ms"]);
  assertEquals(code, 1, out);
  assert(out.includes("meets 1 ms: none of "));
});

Deno.test("exit 2 and one line for what cannot be advised on", async () => {
  for (
    const [args, words] of [
      [[], "expected one run, profile or scenario"],
      [["reinit", "precopy"], "Cannot advise on 2 things"],
      [["reinit", "--downtime-limit", "soon"], "expected a time above 0"],
      [["reinit", "--downtime-limit", "0"], "expected a time above 0"],
      [["replay"], "is a recording"],
      [["nosuch"], "Cannot find the scenario"],
      [["reinit", "--downtime-limits", "3"], "did you mean --downtime-limit"],
      [["reinit", "--set", "link.bandwith=1"], "did you mean link.bandwidth"],
      [[new URL(".", import.meta.url).pathname], "there is no import.json"],
    ] as const
  ) {
    const { code, out, err } = await run(args);
    assertEquals([code, out], [2, ""], err);
    assertEquals(err.trimEnd().split("\n").length, 1, err);
    assert(err.includes(words), err);
  }
});
