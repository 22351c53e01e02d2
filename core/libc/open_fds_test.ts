import { assertEquals, assertLess } from "@std/assert";
import type { FdReport } from "./testdata/open_and_close.ts";
import { run } from "./testdata/run.ts";

// Counted in a process of its own: test files run in parallel as threads of one process.
Deno.test("no call leaves an fd open, and an open one is counted", async () => {
  const report: FdReport = JSON.parse(await run("open_and_close.ts", "--allow-ffi"));
  assertEquals(report.agreesWithPoll, true);
  assertEquals(report.whileOneMore, report.before + 1);
  // One fd left per round would make as many more as there are rounds. Deno itself may open a few.
  assertLess(report.after - report.before, report.rounds);
});
