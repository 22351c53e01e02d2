import { assertEquals } from "@std/assert";

/** Runs a program of this folder in a process of its own; gives what it wrote to stdout. */
export async function run(program: string, ...permissions: string[]): Promise<string> {
  const url = new URL(program, import.meta.url);
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-check", ...permissions, url.href],
  }).output();
  const decoder = new TextDecoder();
  assertEquals({ success, stderr: decoder.decode(stderr) }, { success: true, stderr: "" });
  return decoder.decode(stdout);
}
