import { assertEquals } from "@std/assert";
import { commandScript } from "./run_guest.ts";

Deno.test("commandScript: the environment as it is, but what is no name for a shell", () => {
  const lines = commandScript(["true"], { A: "it's", "BASH_FUNC_x%%": "() {\n}", _B1: "" }).split(
    "\n",
  );
  assertEquals(lines.slice(0, 2), [`export A='it'\\''s'`, "export _B1=''"]);
});

Deno.test("commandScript ends as the command, with its words", () => {
  const script = commandScript(["sh", "-c", "exit $1", "sh", "7"], {});
  assertEquals(script.split("\n").at(-2), "exec sh -c 'exit $1' sh 7");
});
