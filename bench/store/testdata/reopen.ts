import { reopenRun } from "../mod.ts";

/** Another process that wants to go on with a run: says why it cannot. */
try {
  await reopenRun(Deno.args[0] ?? "");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
