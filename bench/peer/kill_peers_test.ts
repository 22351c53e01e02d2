import { assertEquals } from "@std/assert";
import { createRandom } from "../random.ts";
import { killPeers } from "./kill_peers.ts";

for (const kind of ["unix", "tcp"]) {
  Deno.test(`a process that is killed ends the other one's trial, and no more, over ${kind}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const address = kind === "unix" ? `unix:${folder}/socket` : "tcp:0";
      const { listeners, connectors } = await killPeers(address, 4, createRandom(3));
      assertEquals([listeners, connectors], [2, 2]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
