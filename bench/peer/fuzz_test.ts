import { assert, assertEquals } from "@std/assert";
import { fuzzPeer } from "./fuzz.ts";

Deno.test("whatever is said to it, a session ends and leaves nothing", async () => {
  // Other tests of this process have fds too: how many stay open is for the script to say.
  const { said, refused, accepted, strangers } = await fuzzPeer(1_600, 1);
  assertEquals([said, strangers], [1_400, 200]);
  assertEquals(refused + accepted, said);
  assert(refused > 700 && accepted > 20, `${refused} refused, ${accepted} accepted`);
});
