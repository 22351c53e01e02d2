import { assert, assertEquals, assertMatch } from "@std/assert";
import { hasVfio } from "../core/device/kernel/mod.ts";
import { bind, close, getsockname, listen, socketTcp } from "../core/libc/mod.ts";
import { readRun } from "./store/mod.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;
const CAPTURES = new URL("../core/device/testdata/", import.meta.url).pathname;

function bench(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      MAIN,
      "bench",
      ...args,
    ],
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await bench(args).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "on a host without VFIO --device says so in one line, with what to do",
  ignore: hasVfio(),
  async fn() {
    const { code, out, err } = await run(["smoke", "--device", "vfio0", "--to", "null"]);
    assertEquals([code, out], [2, ""]);
    assertEquals(
      err,
      "Cannot use --device here: this kernel has no VFIO, or it is not loaded; sudo modprobe vfio-pci, then deno task doctor\n",
    );
  },
});

Deno.test("--json gives one document and nothing else, and the run folder says the same", () =>
  inFolder(async (folder) => {
    const out = `${folder}/run`;
    const { code, out: text, err } = await run(["smoke", "--json", "--trials", "2", "--out", out]);
    assertEquals(code, 0, err);
    const document = JSON.parse(text);
    assertEquals(document.schema, "vfio-migbench/result@1");
    assertEquals(document.complete, true);
    const [one] = document.cases;
    assertEquals([one.scenario, one.clock, one.trials, one.failed], ["smoke", "wall", 2, 0]);
    assertEquals(one.state_verified, true);
    const metrics = [
      "downtime_ms",
      "total_time_ms",
      "throughput_stopcopy_bytes_per_s",
      "throughput_precopy_bytes_per_s",
      "bytes_total",
      "state_verified",
    ];
    for (const metric of metrics) {
      assertEquals(one.metrics[metric].n, 2, metric);
      assertEquals(one.metrics[metric].ci95.length, 2, metric);
    }
    for (const metric of ["read_us", "write_us"]) {
      assert(one.metrics[metric].p50 <= one.metrics[metric].p999, metric);
    }
    assertEquals((await readRun(out)).trials.length, 2);
  }));

Deno.test("what is given wrong ends in one line and exit 2, and nothing is written", () =>
  inFolder(async (folder) => {
    const capture = `${folder}/c.jsonl`;
    const scenario = `${folder}/cap.jsonc`;
    await Deno.writeTextFile(
      scenario,
      JSON.stringify({ name: "cap", question: "?", devices: [{ id: "d", capture: "c.jsonl" }] }),
    );
    const recording = await Deno.readTextFile(`${CAPTURES}mtty-10.jsonl`);
    const bytes = await Deno.readFile(`${CAPTURES}mtty-10.bin`);
    const holdsPort = socketTcp();
    bind(holdsPort, { kind: "tcp", host: "127.0.0.1", port: 0 });
    listen(holdsPort, 1);
    const address = getsockname(holdsPort);
    assert(typeof address === "object" && address.kind === "tcp");
    const { port } = address;

    const refused: [args: string[], says: RegExp][] = [
      [["smoke", "--set", "bufer_size=4KiB"], /did you mean buffer_size/],
      [["smoke", "--set", "buffer_size=1MiB/s"], /received "1MiB\/s", expected a size/],
      [["smoke", "--set", "devices.nic0.state_size=-5"], /received "-5", expected a size/],
      [["smoke", "--buffer-size", "3"], /received "3", expected a size from 4KiB/],
      [["smoke", "--set", "policy=qemu-7"], /expected qemu-8.1, qemu-9.2 or qemu-11.1/],
      [["smoke", "--set", "devices.nic0.state_size=64TiB"], /are free; make state_size/],
      [[`${folder}/none.jsonc`], /no such file/],
      [[scenario], /there is no .*c\.jsonl/],
      [["smoke", "--channel", "tcp", "--port", String(port)], /bind gave EADDRINUSE/],
      [["smoke", "--nonsense"], /there is no such flag/],
      [["smoke", "--precision", "2"], /such as 2%/],
      [["smoke", "--shard", "9/8"], /such as 2\/8/],
      [["smoke", "--warmup", "aut"], /expected auto or a whole number/],
    ];
    const check = async (args: string[], says: RegExp) => {
      const out = `${folder}/out`;
      const { code, out: stdout, err } = await run([...args, "--quiet", "--out", out]);
      assertEquals([code, stdout], [2, ""], `${args}: ${err}`);
      assertMatch(err, says);
      assertEquals(err.trimEnd().split("\n").length, 1, err);
      assertEquals(await Deno.stat(out).then(() => true, () => false), false);
    };
    try {
      for (const [args, says] of refused) await check(args, says);
      await Deno.writeTextFile(capture, recording);
      await Deno.writeFile(`${folder}/c.bin`, bytes.subarray(0, 50));
      await check([scenario], /its reads make 96 bytes, but .* has 50/);
      await Deno.writeFile(`${folder}/c.bin`, bytes);
      await Deno.writeTextFile(capture, recording.slice(0, 3000));
      await check([scenario], /is not a JSON object \(a truncated recording\?\)/);
    } finally {
      close(holdsPort);
    }
  }));

Deno.test("--precision plays until the median is as precise as asked, and says where it is not", () =>
  inFolder(async (folder) => {
    const flags = ["--clock", "virtual", "--set", "devices.nic0.stop_copy_report=noisy", "--json"];
    const precise = [...flags, "--precision", "50%", "--max-trials", "40", "--out", `${folder}/1`];
    const { code, out, err } = await run(["smoke", ...precise]);
    assertEquals(code, 0, err);
    const document = JSON.parse(out);
    assertEquals([document.complete, document.warnings, document.cases[0].trials], [true, [], 6]);
    assertEquals((await readRun(`${folder}/1`)).meta.stop, {
      precision_ratio: 0.5,
      metrics: ["downtime_ms"],
      most_trials: 40,
    });

    const timed = [
      "smoke",
      "--trials",
      "100000",
      "--clock",
      "virtual",
      "--max-time",
      "1ms",
      "--quiet",
    ];
    const short = await run([...timed, "--json", "--out", `${folder}/2`]);
    assertEquals(short.code, 0, short.err);
    assertEquals(JSON.parse(short.out).complete, false);
    const resumed = await run(["--resume", `${folder}/2`, "--max-time", "2s", "--json"]);
    assertEquals(resumed.code, 0, resumed.err);
    assert(JSON.parse(resumed.out).cases[0].trials > JSON.parse(short.out).cases[0].trials);
  }));

Deno.test("what a run began with cannot be given beside --resume, and only what can be gone on with is", () =>
  inFolder(async (folder) => {
    const out = `${folder}/run`;
    assertEquals((await run(["policy", "--out", out, "--quiet"])).code, 0);
    const refused: [args: string[], says: RegExp][] = [
      [["--resume", out], /^Cannot go on with the run .*: it is complete/],
      [["--resume", folder], /there is no run\.json/],
      [["--resume", out, "--trials", "9"], /^Cannot take trials=9 beside --resume/],
      [["policy", "--resume", out], /^Cannot take policy beside --resume/],
      [["--resume", out, "--precision", "2%"], /^Cannot take --precision beside --resume/],
    ];
    const file = `${folder}/old/run.json`;
    await Deno.mkdir(`${folder}/old`);
    const meta = JSON.parse(await Deno.readTextFile(`${out}/run.json`));
    const write = (changes: object) =>
      Deno.writeTextFile(file, JSON.stringify({ ...meta, complete: false, ...changes }));
    const check = async (args: string[], says: RegExp) => {
      const { code, err } = await run(args);
      assertEquals(code, 2, err);
      assertMatch(err, says);
      assertEquals(err.trimEnd().split("\n").length, 1, err);
    };
    for (const [args, says] of refused) await check(args, says);
    const [first] = meta.cases;
    const { definition: _, ...before } = first;
    await write({ cases: [before] });
    await check(["--resume", `${folder}/old`], /it is of before runs kept/);
    await write({ cases: [{ ...first, definition: { ...first.definition, seed: "one" } }] });
    await check(["--resume", `${folder}/old`], /case 0 of run\.json is none \(seed: /);
    const ram = { ...first.definition.ram, size: 4096 };
    await write({ cases: [{ ...first, definition: { ...first.definition, ram } }] });
    await check(["--resume", `${folder}/old`], /settings of case 0 in run\.json are not what/);
  }));

Deno.test("Ctrl-C in the middle leaves a run that is marked incomplete and can be read", () =>
  inFolder(async (folder) => {
    const out = `${folder}/run`;
    const child = bench(["smoke", "--trials", "10000", "--out", out, "--json"]).spawn();
    const stdout = child.stdout.pipeThrough(new TextDecoderStream());
    // Until it has a trial to keep.
    for (;;) {
      const trials = await readRun(out).then((stored) => stored.trials.length, () => 0);
      if (trials > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGINT");
    const [text] = await Promise.all([
      Array.fromAsync(stdout).then((parts) => parts.join("")),
      child.stderr.cancel(),
    ]);
    assertEquals((await child.status).code, 130);
    const { meta, trials } = await readRun(out);
    assertEquals(meta.complete, false);
    const document = JSON.parse(text);
    assertEquals([document.complete, document.cases[0].trials], [false, trials.length]);
  }));

Deno.test("--trace writes two logs for every trial that counts, and is no reason for another result", () =>
  inFolder(async (folder) => {
    const args = ["smoke", "--clock", "virtual", "--trials", "2", "--out", `${folder}/run`];
    const { code, err } = await run([...args, "--trace", `${folder}/logs`, "--quiet"]);
    assertEquals(code, 0, err);
    const { trials } = await readRun(`${folder}/run`);
    const logs = [...Deno.readDirSync(`${folder}/logs`)].map(({ name }) => name).sort();
    const expected = trials.flatMap(({ scenario, case: at, trial }) =>
      ["dst", "src"].map((side) => `${scenario}-${at}-${trial}.${side}.trace`)
    );
    assertEquals(logs, expected.sort());
  }));
