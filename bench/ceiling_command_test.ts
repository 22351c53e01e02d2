import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ceilingCommand } from "./ceiling_command.ts";
import { EXIT } from "./exit_code.ts";
import { UsageError } from "./usage_error.ts";

/** What a command prints to stdout, and its exit code. */
async function printed(args: readonly string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => lines.push(line);
  try {
    return { code: await ceilingCommand(args), text: lines.join("\n") };
  } finally {
    console.log = log;
  }
}

Deno.test("what cannot be taken is refused in one line", async () => {
  const cases: [args: string, said: string][] = [
    ["--channel rong", "there are ring, unix, tcp"],
    ["--against qemu", "there are c-twin, qemu-path, pipe-to, ringbuf"],
    ["--buffer-size 5KiB", "in steps of 4KiB"],
    ["--buffer-size 4KiB,128MiB", "--buffer-size 128MiB"],
    ["--pairs 0", "expected 1 to"],
    ["--pairs 1.5", "expected 1 to"],
    ["--bytes 4MiB", "at least four buffers"],
    ["smoke", "it plays no scenarios"],
    ["--chanel ring", "did you mean --channel?"],
  ];
  for (const [args, said] of cases) {
    const error = await assertRejects(() => ceilingCommand(args.split(" ")), UsageError);
    assertStringIncludes(error.message, said);
    assert(!error.message.includes("\n"));
  }
});

Deno.test("a run measures each point with each rival, and keeps all of it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, text } = await printed([
      ...["--channel", "ring,unix", "--buffer-size", "64KiB", "--pairs", "2", "--bytes", "2MiB"],
      ...["--against", "c-twin,pipe-to", "--json", "--quiet", "--out", `${folder}/run`],
    ]);
    assertEquals(code, EXIT.FINE);
    const document = JSON.parse(text);
    assertEquals(document.complete, true);
    assertEquals(document.failed, []);
    // Without a compiler there is one rival less.
    const missing: string[] = document.not_compared.map((one: { against: string }) => one.against);
    const against = ["c-twin", "pipe-to"].filter((name) => !missing.includes(name));
    assertEquals(
      document.ceiling.map((row: Record<string, unknown>) =>
        `${row.channel} ${row.buffer_size} ${row.against} ${row.pairs}`
      ),
      ["ring", "unix"].flatMap((channel) => against.map((name) => `${channel} 65536 ${name} 2`)),
    );
    for (const { ratio, ci95: [low, high] } of document.ceiling) {
      assert(ratio > 0 && low <= ratio && ratio <= high);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
