import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { inFolder } from "../recorded/testdata/in_folder.ts";
import { compareSequences } from "./compare_sequences.ts";
import { RecordingError } from "./recording.ts";
import { capturePath } from "./testdata/captures.ts";

const CAPTURE = capturePath("migdev4-64K-dirty");
const LINES = (await Deno.readTextFile(CAPTURE)).trimEnd().split("\n");

/** The capture against these lines. */
async function compared(lines: readonly string[]): Promise<string | null> {
  let difference: string | null = "";
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/b.jsonl`, lines.join("\n"));
    const result = await compareSequences(CAPTURE, `${folder}/b.jsonl`);
    difference = result.difference?.replaceAll(`${folder}/`, "").replaceAll(CAPTURE, "a") ?? null;
  });
  return difference;
}

function with_(marker: string, from: string, to: string): string[] {
  const index = LINES.findIndex((line) => line.includes(marker));
  const line = LINES[index] ?? "";
  assertStringIncludes(line, from);
  return LINES.toSpliced(index, 1, line.replace(from, to));
}

Deno.test("times, numbering, names and how a device was opened make no difference", async () => {
  const other = LINES.filter((line) => !/"call":"(open|open_iommu|poll|close)"/.test(line))
    .map((line) => line.replace(/"t_us":[\d.]+,"dur_us":[\d.]+/, `"t_us":0,"dur_us":9`))
    .map((line) => line.replace(/"seq":\d+/, `"seq":7`).replace(/"data_fd":\d+/, `"data_fd":99`));
  assertEquals(await compared(other), null);
});

Deno.test("the first call that differs is told with both sides", async () => {
  const size = with_('"GET MIG_DATA_SIZE"', "4195864", "4195865");
  assertEquals(
    await compared(size),
    "call 3: a line 8 has src GET MIG_DATA_SIZE stop_copy_length=4195864 -> 0, " +
      "b.jsonl line 8 has src GET MIG_DATA_SIZE stop_copy_length=4195865 -> 0",
  );
  const errno = with_('"errno":42', '"errno":42', '"errno":5');
  assertStringIncludes(String(await compared(errno)), "-> errno 42");
  const state = with_('"PRE_COPY"', '"PRE_COPY"', '"STOP_COPY"');
  assertStringIncludes(String(await compared(state)), "state=STOP_COPY");
  const count = with_('"call":"read"', '"count":65536', '"count":4096');
  assertStringIncludes(String(await compared(count)), "count=4096");
  const flags = with_('"GET MIGRATION"', "STOP_COPY P2P PRE_COPY ", "STOP_COPY");
  assertStringIncludes(String(await compared(flags)), "call 0");
});

Deno.test("a call that is missing, and an end that comes too soon, differ", async () => {
  const read = LINES.findIndex((line) => line.includes('"call":"read"'));
  assertStringIncludes(String(await compared(LINES.toSpliced(read, 1))), "src read count=65536");
  assertStringIncludes(String(await compared(LINES.slice(0, -1))), "b.jsonl is at its end");
  assertStringIncludes(String(await compared([...LINES, LINES.at(-1) ?? ""])), "a is at its end");
});

Deno.test("the sizes of a query that failed say nothing", async () => {
  const index = LINES.findIndex((line) => line.includes('PRECOPY_INFO","ret":-1'));
  const line = (LINES[index] ?? "").replace('"initial_bytes":0', '"initial_bytes":5');
  assertEquals(await compared(LINES.toSpliced(index, 1, line)), null);
});

Deno.test("what is no recording is refused in one line", async () => {
  const { message } = await assertRejects(
    () => compareSequences(CAPTURE, "/nowhere/b.jsonl"),
    RecordingError,
  );
  assertEquals(message, "Cannot compare /nowhere/b.jsonl: there is no such file");
});
