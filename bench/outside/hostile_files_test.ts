/** Files of the wrong kind, and runs that lead out of their folder: refused, and nothing outside is touched. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { adviseCommand } from "../advise_command.ts";
import { benchCommand } from "../bench_command.ts";
import { compareCommand } from "../compare_command.ts";
import { GIVEN_WRONG } from "../given_wrong.ts";
import { importCommand } from "../import_command.ts";
import { inspectCommand } from "../inspect_command.ts";
import {
  createRecorder,
  decodeHistogram,
  encodeHistogram,
  mergeHistograms,
} from "../measure/mod.ts";
import { mergeCommand } from "../merge_command.ts";
import { replayCommand } from "../replay_command.ts";
import { reportCommand } from "../report_command.ts";
import { parseMs, parseRate, parseSize, parseUs } from "../scenario/units.ts";
import {
  type CaseMeta,
  exportHgrm,
  leaveRun,
  mergeRuns,
  readRun,
  reopenRun,
  RUN_FILES,
  RunError,
} from "../store/mod.ts";
import { caseOf, runOf, trialOf, writeRun } from "../compare/testdata/synthetic.ts";
import { captureEnvironment } from "../store/environment.ts";
import { readLines } from "../store/read_lines.ts";
import { lineText } from "./line_text.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeFifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert(success);
}

/** What a command refuses with: one of the errors that are told in a line. */
async function refusal(run: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(run, Error);
  assert(GIVEN_WRONG.has(error.name), error.stack);
  const line = lineText(error.message);
  assert(line.startsWith("Cannot ") && line.length <= 2000, line);
  return line;
}

const ENDINGS = [".jsonc", ".jsonl", ".json", ".trace"] as const;

Deno.test("FIFOs, devices, folders, empty and endless files are refused by every command", async () => {
  await inFolder(async (folder) => {
    const kinds: Readonly<Record<string, (path: string) => Promise<void> | void>> = {
      fifo: makeFifo,
      zero: (path) => Deno.symlink("/dev/zero", path),
      folder: (path) => Deno.mkdir(path),
      empty: (path) => Deno.writeTextFile(path, ""),
      none: () => {},
      deep: (path) => Deno.writeTextFile(path, '{"a":'.repeat(100_000)),
      endless: (path) => Deno.writeTextFile(path, "x".repeat(3_000_000)),
      bytes: (path) => Deno.writeFile(path, new Uint8Array(5000).map((_, i) => i * 7)),
    };
    for (const [kind, make] of Object.entries(kinds)) {
      for (const ending of ENDINGS) await make(`${folder}/${kind}${ending}`);
      await refusal(() => benchCommand([`${folder}/${kind}.jsonc`]));
      await refusal(() => adviseCommand([`${folder}/${kind}.json`]));
      await refusal(() => replayCommand([`${folder}/${kind}.jsonl`]));
      await refusal(() => importCommand([`${folder}/${kind}.trace`]));
      await refusal(() => reportCommand([`${folder}/${kind}.json`]));
      // A pipe is read as it comes: it is the one file here that may be none.
      if (kind !== "fifo") await refusal(() => inspectCommand([`${folder}/${kind}.trace`]));
    }
  });
});

Deno.test("a run's files are regular ones, and their lines have an end", async () => {
  await inFolder(async (folder) => {
    const one = caseOf(0);
    for (const name of [RUN_FILES.META, RUN_FILES.TRIALS]) {
      for (const kind of ["fifo", "zero", "endless"]) {
        const run = `${folder}/${name}-${kind}`;
        writeRun(run, runOf([one], [trialOf(one, 0, { downtime_ms: 1 })]));
        await Deno.remove(`${run}/${name}`);
        if (kind === "fifo") await makeFifo(`${run}/${name}`);
        else if (kind === "zero") await Deno.symlink("/dev/zero", `${run}/${name}`);
        else await Deno.writeTextFile(`${run}/${name}`, "[".repeat(70_000_000));
        await refusal(() => compareCommand([run, run]));
        await refusal(() => mergeCommand([run]));
        await refusal(() => reportCommand([run]));
        await refusal(() => benchCommand(["--resume", run]));
        await Deno.remove(run, { recursive: true });
      }
    }
  });
});

/** A run of this machine that was stopped before its first trial. */
async function writeStopped(run: string, one: CaseMeta): Promise<void> {
  writeRun(run, runOf([one], []), captureEnvironment());
  const path = `${run}/${RUN_FILES.META}`;
  const meta = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...meta, complete: false }));
}

Deno.test("going on with a run writes through no link of it", async () => {
  await inFolder(async (folder) => {
    const one = caseOf(0);
    const victim = `${folder}/victim`;
    for (const name of Object.values(RUN_FILES)) {
      const run = `${folder}/${name}`;
      await writeStopped(run, one);
      await Deno.writeTextFile(victim, "a secret without its newline");
      const isMeta = name === RUN_FILES.META;
      if (isMeta) await Deno.copyFile(`${run}/${name}`, victim);
      await Deno.remove(`${run}/${name}`);
      await Deno.symlink(victim, `${run}/${name}`);
      const before = await Deno.readTextFile(victim);
      await assertRejects(() => reopenRun(run), RunError, `${name} in it is a link`);
      assertEquals(await Deno.readTextFile(victim), before);
    }
    // The names that files are written under first.
    const run = `${folder}/tmp`;
    await writeStopped(run, one);
    await Deno.writeTextFile(victim, "untouched");
    for (const name of Object.values(RUN_FILES)) await Deno.symlink(victim, `${run}/${name}.tmp`);
    leaveRun((await reopenRun(run)).run);
    assertEquals(await Deno.readTextFile(victim), "untouched");
  });
});

Deno.test("a report goes where it was asked for, not where a link in the run leads", async () => {
  await inFolder(async (folder) => {
    const one = caseOf(0);
    const run = `${folder}/run`;
    writeRun(run, runOf([one], [trialOf(one, 0, { downtime_ms: 1 })]));
    await Deno.writeTextFile(`${folder}/victim`, "untouched");
    await Deno.symlink(`${folder}/victim`, `${run}/report.html`);
    await Deno.symlink(`${folder}/victim`, `${run}/report.html.tmp`);
    assertEquals(await reportCommand([run]), 0);
    assertEquals(await Deno.readTextFile(`${folder}/victim`), "untouched");
    assertEquals((await Deno.lstat(`${run}/report.html`)).isFile, true);
  });
});

Deno.test("names in a run's files lead out of no folder", async () => {
  await inFolder(async (folder) => {
    const one = caseOf(0, {}, { scenario: "../../escaped" });
    const read_us = encodeHistogram(createRecorder());
    const trial = { ...trialOf(one, 0, { downtime_ms: 1 }), histograms: { read_us } };
    const part = runOf([one], [trial]);
    writeRun(`${folder}/run`, part);
    await assertRejects(
      () => exportHgrm(`${folder}/run`, `${folder}/hgrm/deep`),
      RunError,
      "is no file's name",
    );
    // A part whose name leads out of results/.
    const path = `${folder}/run/${RUN_FILES.META}`;
    const meta = JSON.parse(await Deno.readTextFile(path));
    const shard = { index: 1, count: 1, cases: 1 };
    await Deno.writeTextFile(path, JSON.stringify({ ...meta, shard, name: "../../escaped" }));
    await assertRejects(
      () => mergeRuns({ parts: [`${folder}/run`], root: `${folder}/results/`, anyway: true }),
      RunError,
      "is no folder's name",
    );
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["hgrm", "run"]);
    assertEquals([...Deno.readDirSync(`${folder}/hgrm/deep`)], []);
  });
});

Deno.test("a time that is none is told as a damaged run", async () => {
  await inFolder(async (folder) => {
    writeRun(`${folder}/run`, runOf([caseOf(0)], []));
    const path = `${folder}/run/${RUN_FILES.META}`;
    const meta = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...meta, started_at: "yesterday" }));
    await assertRejects(() => readRun(`${folder}/run`), RunError, "started_at");
  });
});

Deno.test("a unit is one of ours, and no property that every object has", () => {
  for (const parse of [parseSize, parseRate, parseMs, parseUs]) {
    for (const unit of ["constructor", "toString", "valueOf", "hasOwnProperty"]) {
      assertEquals(parse(`64${unit}`), undefined);
    }
    assertEquals(parse("9".repeat(1_000_000)), undefined);
  }
});

/** A histogram's text whose few bytes inflate to so many. */
async function bomb(inflated: number): Promise<string> {
  const zeros = new Blob([new Uint8Array(inflated)]).stream();
  return await compressed(zeros);
}

async function compressed(inflated: ReadableStream<BufferSource>): Promise<string> {
  const stream = inflated.pipeThrough(new CompressionStream("deflate"));
  const deflated = new Uint8Array(await new Response(stream).arrayBuffer());
  const bytes = new Uint8Array(8 + deflated.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x1c849314);
  view.setUint32(4, deflated.length);
  bytes.set(deflated, 8);
  return bytes.toBase64();
}

Deno.test("a histogram that inflates without end is none", async () => {
  const text = await bomb(64 * 1024 * 1024);
  assert(text.length < 100_000);
  assertThrows(() => decodeHistogram(text), SyntaxError, "Cannot decode");
  assertThrows(() => mergeHistograms([text]), SyntaxError, "Cannot decode");
});

/** An encoded histogram with another header: digits, lowest and highest value. */
async function withHeader(digits: number, lowest: bigint, highest: bigint): Promise<string> {
  const inflated = new Uint8Array(41);
  const view = new DataView(inflated.buffer);
  view.setUint32(0, 0x1c849313);
  view.setUint32(4, 1);
  view.setUint32(12, digits);
  view.setBigInt64(16, lowest);
  view.setBigInt64(24, highest);
  view.setFloat64(32, 1);
  return await compressed(new Blob([inflated]).stream());
}

Deno.test("a histogram's header makes no endless array and no endless loop", async () => {
  assertEquals(decodeHistogram(await withHeader(3, 1n, 1000n)).totalCount, 0);
  for (
    const [digits, lowest, highest] of [
      [9, 1n, 1000n],
      [0xffffffff, 1n, 1000n],
      [3, 0n, 1000n],
      [3, -1n, 1000n],
      [3, 1n, 1n],
      [3, 1n, -5n],
    ] as const
  ) {
    const text = await withHeader(digits, lowest, highest);
    assertThrows(() => decodeHistogram(text), SyntaxError, "Cannot decode");
  }
});

Deno.test("a recording with what no call has is refused", async () => {
  await inFolder(async (folder) => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    const lines: Readonly<Record<string, string>> = {
      "a result": `{"dev":"src","call":"read","ret":${deep}}`,
      "a state": `{"dev":"src","call":"SET MIG_DEVICE_STATE","ret":0,"state":${deep}}`,
      "flags": `{"dev":"src","call":"GET MIGRATION","ret":0,"flags":${deep}}`,
      "a format": `{"format":${deep}}`,
      "an offset": `{"dev":"src","call":"read","ret":5,"stream_offset":${deep}}`,
      "a time": '{"dev":"src","call":"read","ret":0,"dur_us":1e999}',
      "a long line": `{"dev":"src","note":"${"x".repeat(100_000)}"}`,
    };
    for (const [what, line] of Object.entries(lines)) {
      const path = `${folder}/${what}.jsonl`;
      await Deno.writeTextFile(path, `${line}\n`);
      await refusal(() => replayCommand([path]));
    }
  });
});

Deno.test("a line of a run is read as far as a line goes", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/lines`, `${"a".repeat(500)}\n${"b".repeat(600_000)}`);
    const lines: number[] = [];
    const read = async () => {
      for await (const { text } of readLines(`${folder}/lines`, 1000)) lines.push(text.length);
    };
    await assertRejects(read, Error, "line 2 is longer than 1000 characters");
    assertEquals(lines, [500]);
  });
});
