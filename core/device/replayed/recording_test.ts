import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ERRNO } from "../../libc/mod.ts";
import { closeRecording, readRecording, recordedCalls, RecordingError } from "./recording.ts";
import { capturePath, CAPTURES } from "./testdata/captures.ts";

/** Writes a recording of these lines and bytes, and tries to read it. */
async function withRecording(
  jsonl: string | null,
  bin: Uint8Array | null,
  test: (path: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/a.jsonl`;
    if (jsonl !== null) await Deno.writeTextFile(path, jsonl);
    if (bin !== null) await Deno.writeFile(`${directory}/a.bin`, bin);
    await test(path);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Expects one line that names the file and says this. */
async function refuses(
  jsonl: string | null,
  bin: Uint8Array | null,
  ...says: readonly string[]
): Promise<void> {
  await withRecording(jsonl, bin, async (path) => {
    const { message } = await assertRejects(() => readRecording(path), RecordingError);
    assertEquals(message.split("\n").length, 1, message);
    assertStringIncludes(message, path.replace(".jsonl", ""));
    for (const text of says) assertStringIncludes(message, text);
  });
}

const JSONL = Deno.readTextFileSync(capturePath("mtty-10"));
const BIN = Deno.readFileSync(capturePath("mtty-10").replace(".jsonl", ".bin"));
const LINES = JSONL.trimEnd().split("\n");

/** The capture with one line replaced: the one with this text. */
function edited(marker: string, from: string, to: string): string {
  const index = LINES.findIndex((line) => line.includes(marker));
  const line = LINES[index] ?? "";
  assertStringIncludes(line, from);
  return LINES.toSpliced(index, 1, line.replace(from, to)).join("\n");
}

Deno.test("each capture is read with its flags, its length and its way to be empty", async () => {
  for (const name of CAPTURES) {
    const recording = await readRecording(capturePath(name));
    assertEquals(recording.migrationFlags, 7);
    assertEquals(recording.precopyInfoV2, true);
    assertEquals(recording.length, name.startsWith("mtty") ? 96 : 6_293_784);
    assertEquals(recording.emptyRead, name.startsWith("mtty") ? 0 : -ERRNO.ENOMSG);
    assertEquals(recording.bufferSize, Number(/\d+$/.exec(name) ?? 65_536));
    closeRecording(recording);
  }
});

Deno.test("only the source's calls of its one session are kept", async () => {
  const recording = await readRecording(capturePath("mtty-4096"));
  const calls = [...recordedCalls(recording)];
  closeRecording(recording);
  assertEquals(
    calls.map(({ call }) => call).join(" "),
    [
      "size state size info read info read info size",
      "state info state info size read read size state",
    ].join(" "),
  );
});

Deno.test("a file that is missing, is no file or has another name is refused", async () => {
  await refuses(null, null, ".jsonl", "there is no such file");
  await refuses(JSONL, null, ".bin", "there is no such file");
  await withRecording(null, BIN, async (path) => {
    await Deno.mkdir(path);
    await assertRejects(() => readRecording(path), RecordingError, "it is not a file");
  });
  await assertRejects(() => readRecording("a.json"), RecordingError, "does not end in .jsonl");
});

Deno.test("a recording that is cut off anywhere before its end is refused", async () => {
  const end = LINES.findIndex((line) => line.includes(`"state":"STOP",`));
  for (let count = 0; count <= end; count++) {
    const whole = LINES.slice(0, count).map((line) => line + "\n").join("");
    await refuses(whole, BIN, "Cannot replay");
    await refuses(whole + (LINES[count] ?? "").slice(0, 40), BIN, `line ${count + 1}`);
  }
  await withRecording(LINES.slice(0, end + 1).join("\n"), BIN, async (path) => {
    const recording = await readRecording(path);
    assertEquals(recording.length, 96);
    closeRecording(recording);
  });
});

Deno.test("bytes that are fewer or more than the reads gave are refused", async () => {
  for (const length of [0, 1, 24, 95]) {
    await refuses(JSONL, BIN.slice(0, length), "make 96 bytes", `has ${length}`);
  }
  await refuses(JSONL, Uint8Array.of(...BIN, 0), "make 96 bytes", "has 97");
});

Deno.test("garbage is refused with its line", async () => {
  await refuses("", BIN, "GET MIGRATION");
  for (const line of ["\0\x01\xff", "[]", "7", "null", "{}}", `"text"`]) {
    await refuses(`{}\n${line}\n`, BIN, "line 2 is not a JSON object");
  }
  await withRecording(null, BIN, async (path) => {
    await Deno.writeFile(path, Uint8Array.of(0xff, 0xfe, 0x80, 10, 0));
    await assertRejects(() => readRecording(path), RecordingError, "line 1 is not a JSON object");
  });
});

Deno.test("a field of a wrong type or value is refused with its line and name", async () => {
  const read = `"call":"read"`;
  for (const value of [`"10"`, "null", "1.5", "[10]"]) {
    await refuses(edited(read, `"ret":10`, `"ret":${value}`), BIN, "line 13 (read)", `"ret"`);
  }
  await refuses(edited(read, `"ret":10,`, ""), BIN, "line 13 (read)", "received undefined");
  await refuses(edited(read, `"ret":10`, `"ret":-1`), BIN, `"errno"`, "received 0");
  const info = "GET_PRECOPY_INFO";
  await refuses(edited(info, `"initial_bytes":24`, `"initial_bytes":1.5`), BIN, "initial_bytes");
  await refuses(edited(info, `"dirty_bytes":0`, `"dirty_bytes":"0"`), BIN, "dirty_bytes");
  await refuses(edited(info, `"flags":0`, `"flags":{}`), BIN, "flags", "received an object");
  const size = "GET MIG_DATA_SIZE";
  await refuses(edited(size, `"stop_copy_length":96`, `"x":1`), BIN, "stop_copy_length");
});

Deno.test("a state that is none is refused", async () => {
  for (const value of [`"PAUSED"`, "6", "null"]) {
    await refuses(edited('PRE_COPY"', `"PRE_COPY"`, value), BIN, "line 9", "no device state");
  }
});

Deno.test("flags without STOP_COPY are refused", async () => {
  const flags = `"flags":"STOP_COPY P2P PRE_COPY "`;
  for (const value of [`""`, `"P2P PRE_COPY"`, `"toString"`, "7"]) {
    await refuses(edited("GET MIGRATION", flags, `"flags":${value}`), BIN, "GET MIGRATION");
  }
});

Deno.test("reads that leave bytes out are refused", async () => {
  await refuses(
    edited(`"stream_offset":10`, `"stream_offset":10`, `"stream_offset":11`),
    BIN,
    "reads at 11 where 10 comes next",
  );
});

Deno.test("a session that was stopped without STOP_COPY is no whole recording", async () => {
  await refuses(edited(`"STOP_COPY","data_fd"`, `"STOP_COPY"`, `"PRE_COPY"`), BIN, "truncated");
});

Deno.test("a read that failed is not taken for an empty one, nor a refused arc for a state", async () => {
  const failed = `{"dev":"src","call":"read","ret":-1,"errno":5,"stream_offset":0}`;
  const refused = `{"dev":"src","call":"SET MIG_DEVICE_STATE","ret":-1,"errno":22,"state":"STOP"}`;
  const last = LINES.findIndex((line) => line.includes(`"PRE_COPY_P2P"`));
  await withRecording(LINES.toSpliced(last, 0, failed, refused).join("\n"), BIN, async (path) => {
    const recording = await readRecording(path);
    const calls = [...recordedCalls(recording)];
    closeRecording(recording);
    assertEquals(recording.emptyRead, 0);
    assertEquals(calls.filter(({ result }) => result < 0).map(({ call }) => call), [
      "read",
      "info",
    ]);
  });
});
