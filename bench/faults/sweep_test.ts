import { assertEquals } from "@std/assert";
import { runScript, type ScriptRun } from "../testdata/run_script.ts";

/** A sweep in a process of its own, with time for a trial that hangs to be found as one. */
function sweep(...args: string[]): Promise<ScriptRun> {
  return runScript(new URL("./sweep.ts", import.meta.url), args, 300_000);
}

Deno.test("300 trials on the virtual clock keep the rules, and come to the same twice", async () => {
  const first = await sweep("--count", "300", "--json", "--quiet");
  assertEquals([first.code, first.stderr], [0, ""]);
  const again = await sweep("--count", "300", "--json", "--quiet", "--jobs", "1");
  assertEquals(JSON.parse(again.stdout), JSON.parse(first.stdout));
});

Deno.test("12 trials on the wall clock keep the rules, and leave nothing", async () => {
  const { code, stderr } = await sweep("--clock", "wall", "--count", "12", "--quiet");
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a mistaken flag is one line and exit 2", async () => {
  for (const args of [["--clock", "sand"], ["--count", "0"], ["--cout", "1"], ["more"]]) {
    const { code, stderr, stdout } = await sweep(...args);
    assertEquals([code, stdout, stderr.trimEnd().split("\n").length], [2, "", 1], stderr);
  }
});
