import { assert, assertEquals } from "@std/assert";
import { buildTwin } from "./build_twin.ts";

const KIB = 1024;

Deno.test("the C twins move every byte each way, or it is said why they cannot be built", async () => {
  const twin = await buildTwin();
  if ("unavailable" in twin) {
    assert(/compiler/.test(twin.unavailable), twin.unavailable);
    return;
  }
  const ways = [
    "--way ring --slots 8",
    ...["unix", "tcp", "pipe"].flatMap((channel) => [
      `--way stream --channel ${channel}`,
      `--way qemu --channel ${channel}`,
    ]),
  ];
  // The last buffer is a short one.
  const bytes = 3 * 1024 * KIB + 5000;
  for (const way of ways) {
    for (const bufferSize of [4 * KIB, 64 * KIB, 1024 * KIB]) {
      const args = `${way} --buffer-size ${bufferSize} --bytes ${bytes} --repeat 2 --verify`;
      const { success, stdout, stderr } = await new Deno.Command(twin.path, {
        args: args.split(" "),
      }).output();
      const text = new TextDecoder();
      assert(success, `${args}: ${text.decode(stderr)}`);
      const lines = text.decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
      assertEquals(lines.map((line) => line.bytes), [bytes, bytes], args);
      assert(lines.every(({ seconds }) => seconds > 0), args);
    }
  }
});
