import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { endHalf } from "./end_half.ts";
import { startHalfWorker } from "./half_worker.ts";

function estate() {
  return { name: "source", users: null };
}

Deno.test("a Worker that does not answer is given up, whoever waits for it is told, and so is what it has open", async () => {
  const half = startHalfWorker("source");
  const waiting = half.next();
  half.giveUp("The source's Worker does not answer");
  for (const answer of [await waiting, await half.next()]) {
    assert(answer.type === "broken");
    assertEquals([answer.message, answer.died], ["The source's Worker does not answer", true]);
  }
  assertEquals(half.state(), "given up");
  const [obstacle = ""] = await endHalf(half, estate());
  assertStringIncludes(obstacle, "stays open");
});

Deno.test("a Worker that answers is closed, and nothing is left to say of it", async () => {
  const half = startHalfWorker("source");
  assertEquals(await endHalf(half, estate()), []);
  assertEquals(half.state(), "alive");
  half.end();
});
