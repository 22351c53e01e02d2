import { assertEquals, assertStringIncludes } from "@std/assert";
import { PROJECT_DIR } from "./fixtures.ts";

// Boots a guest from the host's side, so it is no test for inside of one: `deno task test:vfio` runs it.

const MAIN = `${PROJECT_DIR}/bench/main.ts`;

/** `deno task vm` as its users run it. */
function vm(flags: readonly string[], ...command: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", MAIN, "vm", ...flags, "--", ...command],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function output(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("vm passes on exit code, output, words and files", async (t) => {
  const name = `vm-hosttest-${Deno.pid}`;
  const file = `${PROJECT_DIR}/results/${name}`;
  const words = ["it's", "two words", "$HOME", "*", "", "a\nb"];
  const script = `
    echo "from the guest" >results/${name}
    echo aside >&2
    printf '%s\\0' "$@"
    head -c 3000000 /dev/zero
    exit 7`;
  const { code, stdout, stderr } = await output(
    vm(["--quiet"], "sh", "-c", script, "sh", ...words),
  );
  try {
    await t.step("the exit code", () => assertEquals(code, 7));
    await t.step("stderr, apart from stdout", () => assertEquals(stderr, "aside\n"));
    await t.step("the words, as they are", () => {
      const expected = new TextEncoder().encode(words.map((word) => `${word}\0`).join(""));
      assertEquals(stdout.subarray(0, expected.length), expected);
      assertEquals(stdout.length, expected.length + 3_000_000);
    });
    await t.step("a file in results/", async () => {
      assertEquals(await Deno.readTextFile(file), "from the guest\n");
    });
  } finally {
    await Deno.remove(file).catch(() => {});
  }
});

Deno.test("vm ends the guest when its time is over", async () => {
  const child = vm(["--timeout", "1s"], "sleep", "1000");
  const { code, stderr } = await output(child);
  assertEquals(code, 124);
  assertStringIncludes(stderr, "its time was over");
  assertEquals(await childrenOf(child.pid), []);
});

Deno.test("vm ends the guest when it is interrupted", async () => {
  const child = vm(["--quiet"], "sh", "-c", "echo up; sleep 1000");
  const reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "up\n");
  const qemu = await childrenOf(child.pid);
  assertEquals(qemu.length, 1);
  child.kill("SIGINT");
  assertEquals((await child.status).code, 130);
  await Promise.all([reader.cancel(), child.stderr.cancel()]);
  assertEquals(await Promise.all(qemu.map(isRunning)), [false]);
});

Deno.test("vm says why the guest ended before the command", async () => {
  const { code, stderr } = await output(
    vm(["--quiet"], "sh", "-c", "echo c >/proc/sysrq-trigger; sleep 60"),
  );
  assertEquals(code, 4);
  assertStringIncludes(stderr, "the guest ended before it did");
  assertStringIncludes(stderr, "Kernel panic");
});

async function childrenOf(pid: number): Promise<number[]> {
  const path = `/proc/${pid}/task/${pid}/children`;
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split(" ").filter((word) => word !== "").map(Number);
}

async function isRunning(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}
