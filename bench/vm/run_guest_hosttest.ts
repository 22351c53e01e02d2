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
  const child = vm(["--timeout", "2s"], "sleep", "1000");
  const qemu = await qemuOf(child.pid);
  const { code, stderr } = await output(child);
  assertEquals(code, 124);
  assertStringIncludes(stderr, "its time was over");
  assertEquals(await isRunning(qemu), false);
});

Deno.test("vm ends the guest when it is interrupted", async () => {
  const child = vm(["--quiet"], "sleep", "1000");
  const qemu = await qemuOf(child.pid);
  child.kill("SIGINT");
  assertEquals((await output(child)).code, 130);
  assertEquals(await isRunning(qemu), false);
});

Deno.test("a guest does not outlive a vm that is killed", async () => {
  const child = vm(["--quiet"], "sleep", "1000");
  const qemu = await qemuOf(child.pid);
  child.kill("SIGKILL");
  await output(child);
  // The kernel tells it, and it need not have ended when its parent has.
  while (await isRunning(qemu)) await new Promise((resolve) => setTimeout(resolve, 50));
});

Deno.test("vm says why the guest ended before the command", async () => {
  const { code, stderr } = await output(
    vm(["--quiet"], "sh", "-c", "echo c >/proc/sysrq-trigger; sleep 60"),
  );
  assertEquals(code, 4);
  assertStringIncludes(stderr, "the guest ended before it did");
  assertStringIncludes(stderr, "Kernel panic");
});

/** The process that runs the guest: the only one that a vm with a warm cache starts for longer. */
async function qemuOf(vm: number): Promise<number> {
  while (true) {
    const children = await Deno.readTextFile(`/proc/${vm}/task/${vm}/children`);
    for (const child of children.split(" ").filter((word) => word !== "").map(Number)) {
      const name = await Deno.readTextFile(`/proc/${child}/comm`).catch(() => "");
      if (name.startsWith("qemu-system")) return child;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function isRunning(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}
