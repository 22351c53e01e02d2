import { assertEquals } from "@std/assert";
import { runScript } from "../testdata/run_script.ts";

Deno.test("no fd is left open, however a trial ends and whatever carries it", async () => {
  const { code, stdout, stderr } = await runScript(
    new URL("./testdata/count_fds.ts", import.meta.url),
  );
  assertEquals(code, 0, stderr);
  const { before, after, outcomes } = JSON.parse(stdout);
  assertEquals(after, before);
  assertEquals(outcomes.filter((outcome: string) => outcome === "completed").length, 8);
  assertEquals(outcomes.filter((outcome: string) => outcome === "failed").length, 8);
});

Deno.test("no fd is left open by Workers that die and channels that fail", async () => {
  const { code, stdout, stderr } = await runScript(
    new URL("./testdata/count_fault_fds.ts", import.meta.url),
  );
  assertEquals(code, 0, stderr);
  const { before, after, outcomes } = JSON.parse(stdout);
  assertEquals(after, before);
  assertEquals(outcomes.every((outcome: string) => outcome === "failed"), true, outcomes.join());
});
