import { assertEquals } from "@std/assert";

Deno.test("an fd, a Worker and a file that are left are told, each by its number or name", async () => {
  const script = new URL("./testdata/leave_traces.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      script,
    ],
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(60_000),
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
    nothing: [],
    fd: ["1 fds are left open"],
    file: ["files are left: stray"],
    worker: "1 Workers are left",
    tidied: [],
  });
});
