import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { inFolder, writeRun } from "./report/page/testdata/runs.ts";
import { reportCommand } from "./report_command.ts";
import { RunError } from "./store/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What the command prints. Another test's output cannot come between: it runs one after the other. */
async function report(...args: string[]): Promise<{ code: number; out: string }> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: string) => void lines.push(line);
  try {
    return { code: await reportCommand(args), out: lines.join("\n") };
  } finally {
    console.log = log;
  }
}

Deno.test("the page lands in the run folder, or where --out says, and its path is printed", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    assertEquals(await report(`${folder}/run/`), { code: 0, out: `${folder}/run/report.html` });
    const page = await Deno.readTextFile(`${folder}/run/report.html`);
    assertMatch(page, /^\s*<!DOCTYPE html>/);
    const out = `${folder}/two.html`;
    assertEquals(await report(`${folder}/run`, `${folder}/run`, "--out", out), { code: 0, out });
    assert((await Deno.stat(out)).size > page.length);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["run", "two.html"]);
  }));

Deno.test("what cannot be reported is one line", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const refused = async (says: RegExp, ...args: string[]) => {
      const { message } = await assertRejects(() => report(...args), Error);
      assertMatch(message, says);
      assertEquals(message.includes("\n"), false);
    };
    await refused(/Cannot report on 0 runs/);
    await refused(/Cannot report on 3 runs/, "a", "b", "c");
    await refused(/Cannot take --jsn: there is no such flag/, "a", "--jsn");
    await refused(/Cannot take --out: it needs/, `${folder}/run`, "--out", "");
    await refused(/there is no run\.json in it/, folder);
    await refused(/Cannot write the report to/, `${folder}/run`, "--out", `${folder}/no/x.html`);
    await refused(/Cannot write the report to/, `${folder}/run`, "--out", folder);
    await Deno.writeTextFile(`${folder}/run/timeline.jsonl`, "garbage\n");
    await refused(/line 1 of timeline\.jsonl is no event/, `${folder}/run`);
    await assertRejects(() => reportCommand([]), UsageError);
    await assertRejects(() => reportCommand([`${folder}/none`]), RunError);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["run"]);
  }));

Deno.test("--help says what it does", async () => {
  const { code, out } = await report("--help");
  assertEquals(code, 0);
  assertMatch(out, /deno task report RUN/);
});
