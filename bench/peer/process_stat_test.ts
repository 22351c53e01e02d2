import { assert, assertEquals } from "@std/assert";
import { close, memfdCreate } from "../../core/libc/mod.ts";
import { processStat } from "./process_stat.ts";

Deno.test("a process has memory, fds and Workers; one that is not there has nothing", () => {
  const before = processStat(Deno.pid);
  assert(before !== null && before.rss_bytes > 1024 * 1024 && before.workers >= 0);
  // Others of this process open some too: many of ours are sure to be seen.
  const fds = Array.from({ length: 100 }, () => memfdCreate("counted"));
  const after = processStat(Deno.pid);
  assert(after !== null && after.fds >= before.fds + 50, `${before.fds} and ${after?.fds}`);
  for (const fd of fds) close(fd);
  assertEquals(processStat(2 ** 22 + 1), null);
});

Deno.test("a Worker is counted while it is there", async () => {
  const script = new URL("./testdata/count_workers.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-ffi", "--allow-read", script],
    stdout: "piped",
  }).output();
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [0, 3]);
});
