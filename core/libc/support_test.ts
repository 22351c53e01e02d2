import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { libcSupport, libcSupportFor, UnsupportedPlatformError } from "./support.ts";

Deno.test("Linux on x86-64 and arm64 is supported", () => {
  assertEquals(libcSupportFor("linux", "x86_64"), null);
  assertEquals(libcSupportFor("linux", "aarch64"), null);
});

Deno.test("any other platform gets one line with its name and what still works there", () => {
  const others: [os: string, arch: string][] = [
    ["darwin", "aarch64"],
    ["darwin", "x86_64"],
    ["windows", "x86_64"],
    ["freebsd", "x86_64"],
    ["android", "aarch64"],
    ["linux", "riscv64"],
  ];
  for (const [os, arch] of others) {
    const line = libcSupportFor(os, arch) ?? "";
    assertStringIncludes(line, `${os} on ${arch}`);
    assertMatch(line, /virtual-clock runs, listing and checking scenarios, compare and report/);
    assertEquals(line.includes("\n"), false);
  }
});

Deno.test("the running platform is judged like any other", () => {
  assertEquals(libcSupport(), libcSupportFor(Deno.build.os, Deno.build.arch));
});

Deno.test("an UnsupportedPlatformError can be told apart and keeps its cause", () => {
  const cause = new Error("dlopen");
  const error = new UnsupportedPlatformError("no", { cause });
  assert(error instanceof Error);
  assertEquals([error.name, error.message, error.cause], ["UnsupportedPlatformError", "no", cause]);
});
