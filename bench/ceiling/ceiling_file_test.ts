import { assertEquals, assertRejects } from "@std/assert";
import { RunError } from "../store/mod.ts";
import { appendCeiling, CEILING_FILE, readRivalTrials } from "./ceiling_file.ts";

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const TRIAL = { case: 0, trial: 1, against: "c-twin", bytes_per_s: 2.5e9 } as const;
const NOT_COMPARED = { against: "ringbuf", not_compared: "no registry" } as const;

Deno.test("what was appended is read back, and a torn last line is left out", async () => {
  await inFolder(async (folder) => {
    assertEquals(await readRivalTrials(folder), { trials: [], notCompared: [] });
    appendCeiling(folder, NOT_COMPARED);
    appendCeiling(folder, TRIAL);
    await Deno.writeTextFile(`${folder}/${CEILING_FILE}`, '{"case":0,"tri', { append: true });
    assertEquals(await readRivalTrials(folder), { trials: [TRIAL], notCompared: [NOT_COMPARED] });
  });
});

Deno.test("a damaged line is refused by its number", async () => {
  const lines = [
    "nonsense",
    '{"case":0,"trial":0,"against":"somebody","bytes_per_s":1}',
    '{"case":0,"trial":0,"against":"c-twin","bytes_per_s":0}',
    '{"case":-1,"trial":0,"against":"c-twin","bytes_per_s":1}',
  ];
  for (const line of lines) {
    await inFolder(async (folder) => {
      appendCeiling(folder, TRIAL);
      await Deno.writeTextFile(`${folder}/${CEILING_FILE}`, `${line}\n`, { append: true });
      await assertRejects(() => readRivalTrials(folder), RunError, `line 2 of ${CEILING_FILE}`);
    });
  }
});
