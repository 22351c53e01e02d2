import { assertEquals, assertRejects } from "@std/assert";
import { measureRival, type Rival, RivalError } from "./rival.ts";
import { rotated } from "./run_ceiling.ts";

/** A rival that is a script of a shell. */
function rivalOf(script: string): Rival {
  return { name: "c-twin", channels: ["ring"], command: () => ["/bin/sh", "-c", script] };
}

const NEVER = new AbortController().signal;
const POINT = { channel: "ring", buffer_size: 4096 } as const;

Deno.test("of what a rival says its last line counts", async () => {
  const says = `echo '{"bytes":1,"seconds":1}'; echo '{"bytes":3000,"seconds":1.5}'`;
  assertEquals(await measureRival(rivalOf(says), POINT, 1, NEVER), 2000);
});

Deno.test("a rival that fails, or says no time, is an error in one line", async () => {
  const scripts: [script: string, said: string][] = [
    ["echo 'it broke\nbadly' >&2; exit 1", "Cannot measure c-twin: it broke"],
    [
      "echo 'error: Uncaught (in promise) TypeError: no registry' >&2; exit 1",
      "c-twin: no registry",
    ],
    ["exit 3", "Cannot measure c-twin: it failed and did not say why"],
    ["echo nonsense", 'Cannot measure c-twin: received "nonsense"'],
    [`echo '{"bytes":1,"seconds":0}'`, "Cannot measure c-twin: received"],
    ["true", 'Cannot measure c-twin: received ""'],
  ];
  for (const [script, said] of scripts) {
    await assertRejects(() => measureRival(rivalOf(script), POINT, 1, NEVER), RivalError, said);
  }
});

Deno.test("a rival that is under way is ended by the signal", async () => {
  const abort = new AbortController();
  const measured = measureRival(rivalOf("exec sleep 600"), POINT, 1, abort.signal);
  abort.abort();
  await assertRejects(() => measured, RivalError);
});

Deno.test("none is always the first", () => {
  assertEquals([0, 1, 2, 3].map((by) => rotated(["a", "b", "c"], by).join("")), [
    "abc",
    "bca",
    "cab",
    "abc",
  ]);
  assertEquals(rotated([], 5), []);
});
