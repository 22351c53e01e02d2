import { assert, assertEquals, assertGreater } from "@std/assert";
import { inFolder } from "../recorded/testdata/in_folder.ts";

/** What a session of so many reads takes in a process of its own. */
async function play(reads: number): Promise<{ calls: number; peak_kib: number }> {
  let result = { calls: 0, peak_kib: 0, whole: false };
  await inFolder(async (folder) => {
    const script = new URL("./testdata/long_session.ts", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", script, folder, String(reads)],
    }).output();
    const text = new TextDecoder();
    assertEquals(text.decode(stderr), "");
    result = JSON.parse(text.decode(stdout));
  });
  assert(result.whole);
  return result;
}

/** More than a garbage collector's moods; less than 40 bytes for each call, let alone the state. */
const ALLOWED_KIB = 24 * 1024;

Deno.test("recording and replaying take the same memory for a session that is a hundred times as long", async () => {
  const short = await play(5_000);
  const long = await play(500_000);
  assertGreater(long.calls, 700_000);
  const grown = long.peak_kib - short.peak_kib;
  assert(grown < ALLOWED_KIB, `${grown} KiB more for ${long.calls} calls`);
});
