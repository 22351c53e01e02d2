import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { closeRecording, readRecording } from "../core/device/mod.ts";
import { capturePath } from "../core/device/replayed/testdata/captures.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(command: string, ...args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", MAIN, command, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** One line, and exit 2. */
function assertUsage({ code, out, err }: Ran, ...says: string[]): void {
  assertEquals([code, out], [2, ""], err);
  assertEquals(err.trimEnd().split("\n").length, 1, err);
  for (const text of says) assertStringIncludes(err, text);
}

const SMALL = ["--simulate", "mtty", "--policy", "qemu-11.1"];

Deno.test("a simulated device is recorded, said so, and its recording is replayed", () =>
  inFolder(async (folder) => {
    const made = await run("record", ...SMALL, `${folder}/a`, "--json");
    assertEquals([made.code, made.err], [0, ""]);
    const { calls, files, left_in, device, ...sizes } = JSON.parse(made.out);
    assertEquals([left_in, device], ["RUNNING", "simulated mtty"]);
    assertEquals(files, [`${folder}/a.jsonl`, `${folder}/a.bin`]);
    const bytes = await Deno.stat(`${folder}/a.bin`);
    assertEquals(sizes.precopy_bytes + sizes.stop_copy_bytes, bytes.size);
    const recording = await readRecording(`${folder}/a.jsonl`);
    closeRecording(recording);
    assertEquals(recording.precopyInfoV2, true);
    const lines = (await Deno.readTextFile(`${folder}/a.jsonl`)).trimEnd().split("\n");
    assertEquals(lines.length, calls + 1);

    for (const timing of ["recorded", "none"]) {
      const replayed = await run(
        "replay",
        `${folder}/a.jsonl`,
        ...["--timing", timing, "--trials", "1", "--json", "--quiet", "--out"],
        `${folder}/run-${timing}`,
      );
      // What is told of the machine is on stderr too.
      assertEquals(replayed.code, 0, replayed.err);
      const [one] = JSON.parse(replayed.out).cases;
      assertEquals([one.failed, one.trials ?? 1], [0, one.trials ?? 1]);
    }
  }));

Deno.test("a recording that is recorded again has the same bytes; recordings are compared", () =>
  inFolder(async (folder) => {
    await run("record", ...SMALL, `${folder}/a`);
    assertEquals((await run("record", `${folder}/a.jsonl`, `${folder}/b`)).code, 0);
    assertEquals(await Deno.readFile(`${folder}/a.bin`), await Deno.readFile(`${folder}/b.bin`));
    const same = await run("record", "--compare", `${folder}/a.jsonl`, `${folder}/a.jsonl`);
    assertMatch(same.out, /^\d+ calls, all the same\n$/, same.out);
    assertEquals(same.code, 0);
    const other = await run("record", "--compare", `${folder}/a.jsonl`, capturePath("mtty-10"));
    assertEquals(other.code, 1);
    assertMatch(other.out, /^call \d+: [^\n]+\n$/);
  }));

Deno.test("without data there is no .bin, and precopy lasts as long as it is told", () =>
  inFolder(async (folder) => {
    const { code, out } = await run(
      ...["record", "--simulate", "generic", "--no-data", "--set", "state_size=8GiB"] as const,
      ...[`${folder}/a`, "--precopy-ms", "150", "--json"],
    );
    assertEquals(code, 0);
    const { files, precopy_ms, precopy_bytes, stop_copy_bytes } = JSON.parse(out);
    assertEquals(files, [`${folder}/a.jsonl`]);
    assert(precopy_ms >= 150);
    assert(precopy_bytes + stop_copy_bytes > 8 * 1024 ** 3);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.jsonl"]);
  }));

Deno.test("what cannot be recorded is one line, exit 2, and leaves nothing", () =>
  inFolder(async (folder) => {
    const out = `${folder}/a`;
    assertUsage(await run("record"), "expected DEVICE and OUT");
    assertUsage(await run("record", "--simulate", "mlx", out), "did you mean mlx5?");
    assertUsage(await run("record", "--simulate", "mlx5", out, "--no-dat"), "--no-data");
    assertUsage(await run("record", ...SMALL, out, "--set", "state_siz=1"), "state_size");
    assertUsage(await run("record", ...SMALL, out, "--precopy-ms=-1"), "--precopy-ms");
    assertUsage(await run("record", ...SMALL, `${folder}/`), "expected a file's name");
    assertUsage(await run("record", ...SMALL, `${folder}/no/a`), "ENOENT");
    assertUsage(await run("record", `${folder}/none.jsonl`, out), "there is no such file");
    assertUsage(await run("record", "/dev/vfio/devices/vfio99", out), "vfio99");
    assertUsage(
      await run("record", capturePath("mtty-10"), out, "--set", "state_size=1"),
      "only a simulated device",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
    await Deno.writeTextFile(`${out}.jsonl`, "mine");
    assertUsage(await run("record", ...SMALL, out), "already");
    assertEquals(await Deno.readTextFile(`${out}.jsonl`), "mine");
  }));

Deno.test("a session that fails is told with exit 4, and what was recorded of it stays", () =>
  inFolder(async (folder) => {
    const { code, err, out } = await run(
      ...["record", "--simulate", "generic", "--set", "state_size=1MiB"] as const,
      ...["--set", "stop_copy_report=constant", "--set", "stop_copy_constant=100GiB"],
      `${folder}/a`,
      ...["--set", "max_time_ms=200"],
    );
    assertEquals([code, out], [4, ""], err);
    assertMatch(err, /^Cannot switch over [^\n]+a\.jsonl has what came before[^\n]+RUNNING\n$/);
    const replay = await run("replay", `${folder}/a.jsonl`);
    assertUsage(replay, "Cannot replay", "does not come to its end");
  }));

Deno.test("what cannot be replayed is one line, exit 2", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.jsonl`;
    const capture = capturePath("mtty-10");
    assertUsage(await run("replay"), "expected the .jsonl of one");
    assertUsage(await run("replay", path), "there is no such file");
    assertUsage(await run("replay", capture, "--timing", "slow"), "recorded or none");
    assertUsage(await run("replay", capture, "--speed", "0"), "a number above 0");
    assertUsage(await run("replay", capture, "--clock", "virtual"), "--clock");
    await Deno.writeTextFile(path, `{"format":"vfio-migbench/recording@2"}\n`);
    assertUsage(await run("replay", path), "recording@2", "expected vfio-migbench/recording@1");
    await Deno.writeTextFile(path, "x".repeat(200_000));
    assertUsage(await run("replay", path), "longer than 65536 bytes");
    const lines = (await Deno.readTextFile(capture)).replace(/"dur_us":[\d.]+/, `"dur_us":1e12`);
    await Deno.writeTextFile(path, lines);
    await Deno.copyFile(capture.replace(".jsonl", ".bin"), `${folder}/a.bin`);
    const line = lines.replace(/"call":"open"/, `"call":"GET MIG_DATA_SIZE","stop_copy_length":1`);
    await Deno.writeTextFile(path, line);
    assertUsage(await run("replay", path), "dur_us", "1000000000000");
  }));

Deno.test("bench --record keeps every trial's sessions, both sides, and they can be replayed", () =>
  inFolder(async (folder) => {
    const sets = ["smoke", "--trials", "2", "--quiet", "--clock", "wall"];
    const made = await run(
      "bench",
      ...sets,
      ...["--record", `${folder}/sessions`, "--out", `${folder}/run`],
    );
    assertEquals(made.code, 0, made.err);
    const names = [...Deno.readDirSync(`${folder}/sessions`)].map(({ name }) => name).sort();
    const sources = names.filter((name) => name.endsWith(".bin"));
    assert(sources.length >= 2);
    assertEquals(names.length, 3 * sources.length);
    for (const name of sources) {
      const path = `${folder}/sessions/${name.replace(".bin", ".jsonl")}`;
      closeRecording(await readRecording(path));
      const destination = await Deno.readTextFile(path.replace(".jsonl", "-dst.jsonl"));
      assertStringIncludes(destination, `"dev":"dst","call":"write"`);
    }
    const again = await run("bench", ...sets, "--record", `${folder}/sessions`);
    assertUsage(again, "it is not empty");
    const refused = await run("bench", "smoke", "--clock", "virtual", "--record", `${folder}/x`);
    assertUsage(refused, "Cannot record smoke", "--clock wall");
  }));
