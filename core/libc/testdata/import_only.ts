// Run without any permission: importing the folder must load nothing, and the tables must work.
import { ERRNO, errnoMessage, errnoName, libcSupport, monotonicNs } from "../mod.ts";

/** What the test reads from stdout. */
export interface ImportReport {
  readonly name: string;
  readonly message: string;
  readonly support: string | null;
  readonly firstCall: string;
}

function nameOfThrown(fn: () => unknown): string {
  try {
    fn();
    return "nothing";
  } catch (error) {
    return error instanceof Error ? error.name : "no Error";
  }
}

const report: ImportReport = {
  name: errnoName(-ERRNO.ENOMSG),
  message: errnoMessage(ERRNO.ENOMSG),
  support: libcSupport(),
  firstCall: nameOfThrown(monotonicNs),
};
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
