import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { parseCompareArguments } from "./compare_arguments.ts";
import { CALL_METRICS, DEFAULT_METRICS } from "./metric.ts";

Deno.test("two runs, and what is compared by default", () => {
  const given = parseCompareArguments(["20261121", "after"]);
  assertEquals(given.runs, ["20261121", "after"]);
  assertEquals(given.metrics, [...DEFAULT_METRICS, ...CALL_METRICS]);
  assertEquals([given.tolerance, given.output, given.anyway], [0.05, "table", false]);
});

Deno.test("flags that may be given again", () => {
  const given = parseCompareArguments(
    "r --by policy --base qemu-8.1 --metric a --metric b --metric a --export bencher --out x"
      .split(" "),
  );
  assertEquals([given.by, given.base, given.out], ["policy", "qemu-8.1", "x"]);
  assertEquals([given.metrics, given.hasDefaultMetrics], [["a", "b"], false]);
  assertEquals(given.exports, ["bencher"]);
});

Deno.test("a tolerance is a percentage or a fraction", () => {
  const of = (text: string) => parseCompareArguments(["a", "b", `--tolerance=${text}`]).tolerance;
  assertEquals(["0%", "2.5%", "0.1", "0"].map(of), [0, 0.025, 0.1, 0]);
  for (const text of ["5", "-1%", "", "x", "1e9%", "5 %", "NaN", "1001%"]) {
    assertThrows(() => of(text), UsageError, "--tolerance", text);
  }
});

Deno.test("what cannot be meant is refused in one line", () => {
  const wrong: readonly (readonly [string, string])[] = [
    ["", "0 runs"],
    ["a", "1 runs"],
    ["a b c", "3 runs"],
    ["a b --by x", "2 runs"],
    ["a b --base x", "--base"],
    ["a --by x --anyway", "--anyway"],
    ["a b --json --markdown", "choose one"],
    ["a b --jsn", "did you mean --json"],
    ["a b --conform", "did you mean --confirm"],
    ["a b --export csv", "github-action-benchmark, bencher"],
    ["a --by", "--by"],
    ["a b --metric", "--metric"],
  ];
  for (const [line, message] of wrong) {
    const args = line.split(" ").filter((arg) => arg !== "");
    const error = assertThrows(() => parseCompareArguments(args), UsageError, message, line);
    assertEquals(error.message.includes("\n"), false);
  }
  assertThrows(() => parseCompareArguments(["", "b"]), UsageError, "empty");
});

Deno.test("help needs nothing else", () => {
  assertEquals(parseCompareArguments(["--help"]).help, true);
  assertEquals(parseCompareArguments(["-h"]).help, true);
});
