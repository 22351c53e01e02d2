import { assertEquals } from "@std/assert";

Deno.test("a session's buffers are open as long as the session, and nothing after close", async () => {
  // A process of its own: the count is one of all threads.
  const script = new URL("./testdata/count_fds.ts", import.meta.url).pathname;
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-ffi", "--allow-env", "--allow-read", script],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  // Its state, and up to two images while saving, one record while resuming.
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
    held: [3, 1, 1, 3, 2, 1, 2, 2, 1, 2],
    left: 0,
  });
});
