import { assertEquals } from "@std/assert";
import { createRandom } from "../random.ts";
import { killAndResume } from "./kill_resume.ts";

Deno.test("a run that is killed is readable, and gone on with says what an uninterrupted one says", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const played = ["policy", "--trials", "60"];
    const { kills } = await killAndResume(played, 3, createRandom(7), folder);
    assertEquals(kills, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("so is one of the wall clock, whose histogram log a stock reader reads", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const played = ["smoke", "reinit", "--trials", "3", "--warmup", "0"];
    const { kills } = await killAndResume(played, 2, createRandom(3), folder);
    assertEquals(kills, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
