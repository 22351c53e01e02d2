import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { readToken } from "./token.ts";

async function withFile(text: string, mode: number, use: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a secret is the file's bytes without the line end", async () => {
  await withFile("0123456789abcdef\r\n", 0o600, (path) => {
    assertEquals(new TextDecoder().decode(readToken(path)), "0123456789abcdef");
  });
  await withFile("0123456789abcdef", 0o400, (path) => assertEquals(readToken(path).length, 16));
});

Deno.test("a secret that others can read, or that is short or long, is refused", async () => {
  for (
    const [text, mode, why] of [
      ["0123456789abcdef\n", 0o644, "mode 0644"],
      ["0123456789abcdef\n", 0o640, "mode 0640"],
      ["0123456789abcdef\n", 0o602, "mode 0602"],
      ["0123456789abcde\n\n\n", 0o600, "15 bytes"],
      ["", 0o600, "0 bytes"],
      ["x".repeat(5000), 0o600, "may have 4096"],
    ] as const
  ) {
    await withFile(text, mode, (path) => {
      const error = assertThrows(() => readToken(path), UsageError, why);
      assertEquals(error.message.includes("\n"), false);
      // Not even a part of it is told.
      assertEquals(error.message.includes("0123456789"), false);
    });
  }
  assertThrows(() => readToken("/nowhere/token"), UsageError, "Cannot take --token-file");
  assertThrows(() => readToken("/"), UsageError);
});
