import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  appendTrial,
  captureEnvironment,
  createRun,
  finishRun,
  leaveRun,
  readRun,
  reopenRun,
  RunError,
} from "./mod.ts";
import { trial, withRun } from "./testdata/runs.ts";

const FILES = ["trials.jsonl", "timeline.jsonl", "histograms.hlog"];

function event(n: number) {
  return { case: 0, trial: n, t_ms: 1.5, event: "switchover", device: "nic0" };
}

function textsOf(path: string): string[] {
  return FILES.map((file) => Deno.readTextFileSync(`${path}/${file}`));
}

Deno.test("a run cut off at any byte of a trial's three files goes on as if that trial had not been", () =>
  withRun(async (options) => {
    const run = createRun(options);
    const records = [0, 1].map((n) => ({ ...trial(n), started_at_ms: 5e12 }));
    appendTrial(run, records[0] ?? trial(0), [event(0)]);
    const before = textsOf(run.path);
    appendTrial(run, records[1] ?? trial(1), [event(1), event(1)]);
    const after = textsOf(run.path);
    leaveRun(run);
    // In the order in which they are written: the timeline, the intervals, the trial.
    const order = [1, 2, 0];
    for (const [nth, at] of order.entries()) {
      const whole = (after[at] ?? "").slice((before[at] ?? "").length);
      for (let length = 0; length < whole.length; length += Math.max(1, whole.length >> 5)) {
        for (const [i, file] of FILES.entries()) {
          const isWritten = order.indexOf(i) < nth;
          const text = isWritten ? after[i] ?? "" : before[i] ?? "";
          Deno.writeTextFileSync(
            `${run.path}/${file}`,
            i === at ? text + whole.slice(0, length) : text,
          );
        }
        const { run: reopened, trials } = await reopenRun(run.path);
        assertEquals(trials.length, 1);
        assertEquals(textsOf(run.path), before);
        appendTrial(reopened, records[1] ?? trial(1), [event(1), event(1)]);
        leaveRun(reopened);
        assertEquals(textsOf(run.path), after);
      }
    }
  }));

Deno.test("a last trial that lacks only its newline is kept, and the next one has a line of its own", () =>
  withRun(async (options) => {
    const run = createRun(options);
    appendTrial(run, trial(0), []);
    leaveRun(run);
    const path = `${run.path}/trials.jsonl`;
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).trimEnd());
    const { run: reopened, trials } = await reopenRun(run.path);
    assertEquals(trials.length, 1);
    appendTrial(reopened, trial(1), []);
    finishRun(reopened, true);
    const { meta, trials: all, tornLines } = await readRun(run.path);
    assertEquals([meta.complete, all.length, tornLines], [true, 2, 0]);
    assertEquals(meta.resumed_at?.length, 1);
  }));

Deno.test("a run killed before it had any file but run.json is gone on with", () =>
  withRun(async (options) => {
    const run = createRun(options);
    leaveRun(run);
    for (const file of FILES) Deno.removeSync(`${run.path}/${file}`);
    const { run: reopened } = await reopenRun(run.path);
    appendTrial(reopened, trial(0), [event(0)]);
    finishRun(reopened, false);
    assertEquals((await readRun(run.path)).trials.length, 1);
  }));

Deno.test("a run that is complete, written by somebody, damaged or of another machine is refused, in one line", () =>
  withRun(async (options) => {
    const refuse = async (path: string, says: string) => {
      const { message } = await assertRejects(() => reopenRun(path), RunError, says);
      assertEquals(message.split("\n").length, 1);
      assert(message.startsWith("Cannot"), message);
    };
    const writing = createRun(options);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        new URL("./testdata/reopen.ts", import.meta.url).pathname,
        writing.path,
      ],
      stderr: "piped",
    });
    const { code, stderr } = await child.output();
    assertEquals([code, new TextDecoder().decode(stderr).trim()], [
      1,
      `Cannot write a run to ${writing.path}: another process is writing to it`,
    ]);
    finishRun(writing, true);
    await refuse(writing.path, "it is complete");

    const twice = createRun(options);
    for (let i = 0; i < 2; i++) appendTrial(twice, trial(0), []);
    leaveRun(twice);
    await refuse(twice.path, "trial 0 of case 0 is there twice");

    const damaged = createRun(options);
    leaveRun(damaged);
    Deno.writeTextFileSync(`${damaged.path}/timeline.jsonl`, '{"case":0}\n');
    await refuse(damaged.path, "line 1 of timeline.jsonl is no event");

    const { comparable, context } = captureEnvironment();
    const environment = { comparable: { ...comparable, cpu_count: 999 }, context };
    const elsewhere = createRun({ ...options, environment });
    leaveRun(elsewhere);
    await refuse(elsewhere.path, "on another machine");
    await refuse(`${options.root}/none`, "there is no run.json");
  }));
