import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { parseVmArguments } from "./vm_arguments.ts";

Deno.test("parseVmArguments: what stands behind the flags is the command, as it is", () => {
  for (
    const [args, command] of [
      [["--", "deno", "task", "doctor", "--quiet"], ["deno", "task", "doctor", "--quiet"]],
      [["deno", "--help"], ["deno", "--help"]],
      [["--quiet", "sh", "-c", "exit 7", "--", "007"], ["sh", "-c", "exit 7", "--", "007"]],
      [["--cache", "/c", "--", "a", "--", "b"], ["a", "--", "b"]],
      [["--cache=/c", "a"], ["a"]],
      [["--"], []],
      [[], []],
    ] as const
  ) {
    assertEquals(parseVmArguments(args).command, command);
  }
});

Deno.test("parseVmArguments reads its flags, and only those before the command", () => {
  const given = parseVmArguments([
    "-q",
    "--cache",
    "/c",
    "--memory",
    "1GiB",
    "--timeout",
    "1.5m",
    "x",
    "--update",
  ]);
  assertEquals(given, {
    command: ["x", "--update"],
    cache: "/c",
    memory_bytes: 1024 ** 3,
    timeout_ms: 90_000,
    update: false,
    quiet: true,
    help: false,
  });
  assertEquals(parseVmArguments(["x"]).memory_bytes, 2 * 1024 ** 3);
  assertEquals(parseVmArguments(["x"]).timeout_ms, undefined);
});

Deno.test("parseVmArguments says what it cannot take", () => {
  for (
    const [args, message] of [
      [
        ["--tiemout", "1m", "x"],
        "Cannot take --tiemout: there is no such flag, did you mean --timeout?",
      ],
      [["--timeout", "soon", "x"], "Cannot take --timeout soon"],
      [["--timeout", "0s", "x"], "Cannot take --timeout 0s"],
      [["--memory", "64MiB", "x"], "Cannot take --memory 64MiB"],
      [["--memory", "much", "x"], "Cannot take --memory much"],
      [["--cache", "--", "x"], "Cannot take --cache"],
    ] as const
  ) {
    assertThrows(() => parseVmArguments(args), UsageError, message);
  }
});
