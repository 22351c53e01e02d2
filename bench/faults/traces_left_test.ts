import { assertEquals } from "@std/assert";
import { runScript } from "../testdata/run_script.ts";

Deno.test("an fd, a Worker and a file that are left are told, each by its number or name", async () => {
  const { code, stdout, stderr } = await runScript(
    new URL("./testdata/leave_traces.ts", import.meta.url),
  );
  assertEquals(code, 0, stderr);
  assertEquals(JSON.parse(stdout), {
    nothing: [],
    fd: ["1 fds are left open"],
    file: ["files are left: stray"],
    worker: "1 Workers are left",
    tidied: [],
  });
});
