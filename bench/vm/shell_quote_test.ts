import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { shellQuote } from "./shell_quote.ts";

Deno.test("shellQuote leaves plain words and quotes the rest", () => {
  for (
    const [word, quoted] of [
      ["bench/main.ts", "bench/main.ts"],
      ["--set=a,b", "--set=a,b"],
      ["", "''"],
      ["two words", "'two words'"],
      ["$HOME", "'$HOME'"],
      ["it's", `'it'\\''s'`],
      ["~", "'~'"],
      ["a\nb", "'a\nb'"],
    ] as const
  ) {
    assertEquals(shellQuote(word), quoted);
  }
});

Deno.test("a shell reads what shellQuote wrote", async () => {
  const words = fc.sample(
    fc.string({ unit: "binary", maxLength: 40 }).filter((word) =>
      !word.includes("\0") && word.isWellFormed()
    ),
    { numRuns: 200, seed: 1 },
  );
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\0' ${words.map(shellQuote).join(" ")}`],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), words.map((word) => `${word}\0`).join(""));
});
