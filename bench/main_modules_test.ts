import { assertEquals } from "@std/assert";
import { staticModules } from "./testdata/static_modules.ts";

Deno.test("the command line loads no command before it knows which one, and help loads none", async () => {
  assertEquals(await staticModules("bench/main.ts"), [
    "bench/exit_code.ts",
    "bench/given_wrong.ts",
    "bench/main.ts",
    "bench/outside/line_text.ts",
    "bench/report/case_text.ts",
  ]);
  assertEquals(await staticModules("bench/bench_help.ts"), [
    "bench/bench_help.ts",
    "bench/suites.ts",
  ]);
});
