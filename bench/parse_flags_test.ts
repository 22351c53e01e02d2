import { assertEquals, assertThrows } from "@std/assert";
import { parseFlags } from "./parse_flags.ts";
import { UsageError } from "./usage_error.ts";

const NAMES = { texts: ["out"], lists: ["set"], switches: ["json"] } as const;

Deno.test("parseFlags keeps operands and flags apart, wherever they stand", () => {
  const flags = parseFlags(["--json", "a", "--out=x", "b", "--set", "k=v", "--set", "l=1"], NAMES);
  assertEquals(flags.operands, ["a", "b"]);
  assertEquals(flags.has("json"), true);
  assertEquals(flags.text("out"), "x");
  assertEquals(flags.list("set"), ["k=v", "l=1"]);
  assertEquals(flags.help, false);
});

Deno.test("parseFlags gives nothing for what was not given", () => {
  const flags = parseFlags([], NAMES);
  assertEquals([flags.operands, flags.list("set")], [[], []]);
  assertEquals([flags.text("out"), flags.has("json")], [undefined, false]);
});

Deno.test("parseFlags keeps what looks like a number as it was written", () => {
  assertEquals(parseFlags(["007", "--out", "1e3"], NAMES).operands, ["007"]);
  assertEquals(parseFlags(["--out", "1e3"], NAMES).text("out"), "1e3");
});

Deno.test("parseFlags takes -h and --help", () => {
  assertEquals(parseFlags(["-h"], NAMES).help, true);
  assertEquals(parseFlags(["--help"], NAMES).help, true);
});

Deno.test("parseFlags names the nearest flag for one that is not there", () => {
  assertThrows(() => parseFlags(["--jsn"], NAMES), UsageError, "did you mean --json?");
  const known = { ...NAMES, alsoKnown: ["buffer-size"] };
  assertThrows(() => parseFlags(["--bufer-size"], known), UsageError, "--buffer-size?");
});

Deno.test("parseFlags refuses an empty value, and a second one where there can be one", () => {
  assertThrows(() => parseFlags(["--out", ""], NAMES), UsageError, "Cannot take --out");
  assertThrows(() => parseFlags(["--set="], NAMES), UsageError, "Cannot take --set");
  const twice = parseFlags(["--out", "x", "--out", "y"], NAMES);
  assertThrows(() => twice.text("out"), UsageError, "Cannot take --out 2 times");
});
