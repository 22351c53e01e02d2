import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { falseAlarmsCommand } from "./false_alarms_command.ts";
import { UsageError } from "./usage_error.ts";

async function said(...args: string[]): Promise<[code: number, out: string]> {
  const { log } = console;
  const out: string[] = [];
  console.log = (line: string) => void out.push(line);
  try {
    return [await falseAlarmsCommand(args), out.join("\n")];
  } finally {
    console.log = log;
  }
}

const SIMULATED = ["--simulate", "0.03", "--trials", "12", "--quiet"];

Deno.test("false-alarms: the share with its interval, as text and as JSON", async () => {
  const [code, text] = await said(...SIMULATED, "--count", "10", "--kind", "planted");
  assertEquals(code, 0);
  assertMatch(
    text,
    /^10 of 10 comparisons were found: 100\.0 % \(95 % interval 69\.2 % to 100\.0 %\)/,
  );
  const [, json] = await said(...SIMULATED, "--count", "10", "--json");
  const { schema, comparisons, alarms, alarm_share } = JSON.parse(json);
  assertEquals([schema, comparisons, alarms], ["vfio-migbench/false-alarms@1", 10, 0]);
  assertEquals(alarm_share.share, 0);
});

Deno.test("false-alarms: outcomes are kept, gone on with, and not mixed up with those of another setup", async () => {
  const out = await Deno.makeTempFile();
  try {
    const lines = async () => (await Deno.readTextFile(out)).split("\n").length - 1;
    const given = [...SIMULATED, "--out", out];
    await said(...given, "--count", "3");
    await said(...given, "--count", "2", "--kind", "planted");
    assertEquals(await lines(), 5);
    // As a kill in the middle of a line leaves it.
    await Deno.writeTextFile(out, '{"setup":{"ki', { append: true });
    const [, text] = await said(...given, "--count", "4");
    assertMatch(text, /^0 of 4 /);
    assertEquals(await lines(), 6);
    await Deno.writeTextFile(out, "{}\n");
    await assertRejects(() => said(...given), UsageError, "line 1 is no outcome");
  } finally {
    await Deno.remove(out);
  }
});

Deno.test("false-alarms: what cannot be meant is refused in one line", async () => {
  const wrong: readonly (readonly [args: string[], message: string])[] = [
    [["--kind", "ab"], "there are aa, planted"],
    [["--count", "0"], "a whole number from 1"],
    [["--scenario", "buffer-size"], "18 cases"],
    [["smoke"], "flags only"],
    [["--tolerance", "5"], "--tolerance"],
  ];
  for (const [args, message] of wrong) {
    await assertRejects(() => said(...SIMULATED, ...args), UsageError, message);
  }
});
