import { assertEquals, assertRejects } from "@std/assert";
import { RunError } from "../../store/mod.ts";
import { readTimelines } from "./timeline_file.ts";

async function withTimeline(text: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/timeline.jsonl`, text);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const event = (n: number, trial: number, t_ms: number) =>
  JSON.stringify({ case: n, trial, t_ms, event: "window" });

Deno.test("only the trials that are wanted are kept, in the file's order", () =>
  withTimeline(
    `${event(0, 0, 1)}\n${event(1, 0, 1)}\n${event(0, 1, 1)}\n${event(0, 1, 2)}\n${
      event(1, 0, 2)
    }\n`,
    async (folder) => {
      const timelines = await readTimelines(folder, new Map([[0, 1], [1, 0]]));
      assertEquals(timelines.get(0)?.map(({ trial, t_ms }) => [trial, t_ms]), [[1, 1], [1, 2]]);
      assertEquals(timelines.get(1)?.length, 2);
    },
  ));

Deno.test("keys may stand in another order, and lines be longer than a chunk", () =>
  withTimeline(
    `{"event":"failed","message":"${"ä".repeat(300_000)}","t_ms":3,"trial":0,"case":0}\n`,
    async (folder) => {
      const [failed] = (await readTimelines(folder, new Map([[0, 0]]))).get(0) ?? [];
      assertEquals(String(failed?.message).length, 300_000);
    },
  ));

Deno.test("a line that was being written when the run was killed is left out", () =>
  withTimeline(`${event(0, 0, 1)}\n{"case":0,"trial":0,"t_`, async (folder) => {
    const timelines = await readTimelines(folder, new Map([[0, 0]]));
    assertEquals(timelines.get(0)?.length, 1);
  }));

Deno.test("a line that is no event is refused with its number; without a file there is nothing", async () => {
  for (
    const line of [
      "garbage",
      "[]",
      "{}",
      '{"case":0,"trial":0,"t_ms":"1","event":"window"}',
      '{"case":0,"trial":0,"t_ms":1}',
      '{"case":0,"trial":0,"t_ms":1,"event":"window","device":{}}',
    ]
  ) {
    await withTimeline(`${event(0, 0, 1)}\n${line}\n`, async (folder) => {
      await assertRejects(
        () => readTimelines(folder, new Map([[0, 0]])),
        RunError,
        "line 2 of timeline.jsonl is no event",
      );
      await Deno.remove(`${folder}/timeline.jsonl`);
      assertEquals((await readTimelines(folder, new Map([[0, 0]]))).size, 0);
    });
  }
});

Deno.test("a file without newlines is refused before it fills the memory", () =>
  withTimeline("x".repeat(3 << 20), async (folder) => {
    await assertRejects(() => readTimelines(folder, new Map()), RunError, "line 1 of timeline");
  }));
