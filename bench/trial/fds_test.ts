import { assertEquals } from "@std/assert";

Deno.test("no fd is left open, however a trial ends and whatever carries it", async () => {
  const script = new URL("./testdata/count_fds.ts", import.meta.url).pathname;
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      script,
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { before, after, outcomes } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(after, before);
  assertEquals(outcomes.filter((outcome: string) => outcome === "completed").length, 8);
  assertEquals(outcomes.filter((outcome: string) => outcome === "failed").length, 8);
});

Deno.test("no fd is left open by Workers that die and channels that fail", async () => {
  const script = new URL("./testdata/count_fault_fds.ts", import.meta.url).pathname;
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      script,
    ],
    stdout: "piped",
    stderr: "piped",
    // A Worker that is left keeps the process.
    signal: AbortSignal.timeout(120_000),
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { before, after, outcomes } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(after, before);
  assertEquals(outcomes.every((outcome: string) => outcome === "failed"), true, outcomes.join());
});
