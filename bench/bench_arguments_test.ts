import { assertEquals, assertThrows } from "@std/assert";
import { parseBenchArguments } from "./bench_arguments.ts";
import { UsageError } from "./usage_error.ts";

Deno.test("flags of parameters become sets, before those that are written as such", () => {
  const args = parseBenchArguments([
    "smoke",
    "--buffer-size",
    "64KiB",
    "--trials=3",
    "--set",
    "channel=unix",
    "--sweep",
    "policy=qemu-8.1,qemu-9.2",
    "--json",
  ]);
  assertEquals(args.scenarios, ["smoke"]);
  assertEquals(args.sets, ["buffer_size=64KiB", "trials=3", "channel=unix"]);
  assertEquals(args.sweeps, ["policy=qemu-8.1,qemu-9.2"]);
  assertEquals([args.json, args.quiet, args.help, args.out], [true, false, false, undefined]);
});

Deno.test("real devices are given one by one or with commas, and never without a destination", () => {
  const given = parseBenchArguments(["--device", "vfio0, 00:05.0", "--device=x", "--to", "null"]);
  assertEquals(given.real, { sources: ["vfio0", "00:05.0", "x"], destinations: ["null"] });
  assertEquals(parseBenchArguments(["smoke"]).real, null);
  assertThrows(() => parseBenchArguments(["--device", "vfio0"]), UsageError, "--to null");
  assertThrows(() => parseBenchArguments(["--to", "null"]), UsageError, "it needs --device");
});

Deno.test("a flag that is not there is refused, and the nearest one named", () => {
  assertThrows(() => parseBenchArguments(["--sweeep", "a=1"]), UsageError, "did you mean --sweep");
  assertThrows(() => parseBenchArguments(["--seed"]), UsageError, "--seed: it needs a value");
  assertThrows(() => parseBenchArguments(["--out="]), UsageError, "--out: it needs a folder");
});
