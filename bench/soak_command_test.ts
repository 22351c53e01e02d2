import { assert, assertEquals, assertMatch } from "@std/assert";

const MAIN = new URL("./main.ts", import.meta.url).pathname;

async function soak(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", MAIN, "soak", ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("a state goes to and fro between two processes, whole and carried on", async () => {
  const { out, err } = await soak(
    "--migrations",
    "5",
    "--json",
    "--quiet",
    "--set",
    "ram.size=4MiB",
  );
  assertEquals(err, "");
  const result = JSON.parse(out);
  assertEquals([result.schema, result.failure], ["vfio-migbench/soak@2", null]);
  assertEquals(result.migrations, 5);
  assertEquals(result.verified, result.migrations);
  assertEquals(result.carried, result.migrations - 1);
  // 16 MiB of device and 4 MiB of RAM each time, at least.
  assert(result.bytes_total >= result.migrations * 20 * 1024 * 1024);
});

Deno.test("what cannot be soaked is told in one line", async () => {
  for (
    const [args, why] of [
      [["--minutes", "0"], /^Cannot take --minutes 0: expected a number above 0/],
      [["--minute", "1"], /did you mean --minutes/],
      [["--migrations", "0"], /^Cannot take --migrations 0: expected a whole number/],
      [["smoke"], /expected flags only/],
      [["--set", "channel=ring"], /whose channel is the connection's/],
      [["--set", "no_such=1"], /no_such/],
    ] as const
  ) {
    const { code, out, err } = await soak(...args);
    assertEquals([code, out], [2, ""]);
    assertMatch(err, why);
    assertEquals(err.trimEnd().split("\n").length, 1);
  }
});
