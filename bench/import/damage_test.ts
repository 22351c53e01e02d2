/**
 * Damaged logs: whatever happened to the lines, an import gives a run that can be read, or one line that says
 * why not.
 */
import { assertEquals } from "@std/assert";
import { createRandom } from "../random.ts";
import { readRun } from "../store/mod.ts";
import { ImportError } from "./import_error.ts";
import { writeImport } from "./import_run.ts";
import { importTraces } from "./import_traces.ts";
import { captureText, withLogs } from "./testdata/captures.ts";

type Damage = (line: string, random: () => number) => string;

const DAMAGES: Readonly<Record<string, Damage>> = {
  "cut off": (line, random) => line.slice(0, Math.floor(random() * line.length)),
  "without their beginning": (line, random) => line.slice(Math.floor(random() * line.length)),
  "with other digits": (line, random) =>
    line.replaceAll(/\d/g, (digit) => random() < 0.3 ? String(Math.floor(random() * 10)) : digit),
  "with other letters": (line, random) =>
    line.replaceAll(/[a-z ]/g, (letter) => random() < 0.05 ? "~" : letter),
  "gone": () => "",
};

for (const [what, damage] of Object.entries(DAMAGES)) {
  Deno.test(`a log with lines ${what} is imported or refused`, async () => {
    for (const name of ["2-ack", "11-mtty-ack"]) {
      // The frequent event is left out: what is damaged is to be what is read.
      const slim = (text: string) =>
        text.split("\n").filter((line) => !line.includes("migration_transferred_bytes"));
      const source = slim(await captureText(name, "src.trace.gz"));
      const destination = slim(await captureText(name, "dst.trace.gz"));
      for (let seed = 1; seed <= 12; seed++) {
        const random = createRandom(seed);
        const part = 0.2 / seed;
        const damaged = (lines: readonly string[]) =>
          lines.map((line) => random() < part ? damage(line, random) : line).join("\n");
        const texts = { "src.trace": damaged(source), "dst.trace": damaged(destination) };
        await withLogs(texts, async (path) => {
          try {
            const traces = await importTraces({
              source: path("src.trace"),
              destination: path("dst.trace"),
            });
            const folder = writeImport(traces, { root: path("."), out: path("run") });
            const { trials } = await readRun(folder);
            assertEquals(trials.length, traces.imported.migrations.length);
          } catch (error) {
            if (!(error instanceof ImportError)) throw error;
            assertEquals(error.message.includes("\n"), false);
          }
        });
      }
    }
  });
}
