import { assertEquals } from "@std/assert";

/** Runs a sweep in a process of its own: what is left open is counted there. */
async function sweep(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = new URL("./sweep.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      script,
      ...args,
    ],
    stdout: "piped",
    stderr: "piped",
    // A trial that hangs is a failure, and ends here.
    signal: AbortSignal.timeout(300_000),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("300 trials on the virtual clock keep the rules, and come to the same twice", async () => {
  const first = await sweep("--count", "300", "--json", "--quiet");
  assertEquals([first.code, first.stderr], [0, ""]);
  const again = await sweep("--count", "300", "--json", "--quiet", "--jobs", "1");
  assertEquals(JSON.parse(again.stdout), JSON.parse(first.stdout));
});

Deno.test("12 trials on the wall clock keep the rules, and leave nothing", async () => {
  const { code, stderr } = await sweep("--clock", "wall", "--count", "12", "--quiet");
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a mistaken flag is one line and exit 2", async () => {
  for (const args of [["--clock", "sand"], ["--count", "0"], ["--cout", "1"], ["more"]]) {
    const { code, stderr, stdout } = await sweep(...args);
    assertEquals([code, stdout, stderr.trimEnd().split("\n").length], [2, "", 1], stderr);
  }
});
