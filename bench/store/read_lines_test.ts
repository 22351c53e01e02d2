import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readLines } from "./read_lines.ts";

async function linesOf(path: string): Promise<[text: string, number: number, torn: boolean][]> {
  const lines = await Array.fromAsync(readLines(path));
  return lines.map(({ text, number, torn }) => [text, number, torn]);
}

Deno.test("lines are numbered from 1, and only a last one without its newline is torn", async () => {
  const path = await Deno.makeTempFile();
  // Longer than what a file gives at once, so that lines span chunks and newlines end them.
  const text = fc.oneof(
    fc.string().map((s) => s.replaceAll(/[\r\n]/g, "")),
    fc.integer({ min: 65_530, max: 65_540 }).map((length) => "x".repeat(length)),
  );
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 6 }),
        text.filter((s) => s !== ""),
        fc.boolean(),
        async (ended, last, isTorn) => {
          const whole = ended.map((line) => `${line}\n`).join("");
          await Deno.writeTextFile(path, isTorn ? whole + last : whole);
          const expected = ended.map((line, i) => [line, i + 1, false]);
          if (isTorn) expected.push([last, ended.length + 1, true]);
          assertEquals<unknown>(await linesOf(path), expected);
        },
      ),
      { numRuns: 50 },
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a file that is not there is told as that", async () => {
  await assertRejects(() => linesOf("/none/such.jsonl"), Deno.errors.NotFound);
});

Deno.test("a reader that stops early leaves no file open", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "a\n".repeat(100_000));
    for await (const { number } of readLines(path)) if (number === 2) break;
  } finally {
    await Deno.remove(path);
  }
});
