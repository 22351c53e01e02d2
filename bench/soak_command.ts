import { EXIT } from "./exit_code.ts";
import { parseFlags } from "./parse_flags.ts";
import { runSoak, soakCase, soakText } from "./soak/mod.ts";
import { untilInterrupted } from "./until_interrupted.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task soak [FLAGS]

Migrates a dirtied device and RAM to and fro between two processes of this machine, over unix and tcp in turn, over the
main channel and over multifd's: what arrives is what the next migration begins with. Every state is verified; memory,
fds and Workers of both processes are sampled after every migration, and have to stay flat once they have settled. Of the
memory counts what is kept: garbage is collected every five seconds. It is judged after two minutes at least, in a soak of
five or more.

  --minutes N       for how long (1, or until there were as many as asked for)
  --migrations N    no more than so many
  --set KEY=VALUE   sets a key of what is migrated, such as devices.nic0.state_size=64MiB; more than once for several
  --json            one JSON document on stdout instead of the text
  --quiet           no progress on stderr

Exit: 0 passed, 2 usage error, 4 a migration failed or memory rises, 130 interrupted.`;

/** A week. */
const MOST_MINUTES = 10_080;

/** `deno task soak`. */
export async function soakCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["minutes", "migrations"],
    lists: ["set"],
    switches: ["json", "quiet"],
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const [operand] = flags.operands;
  if (operand !== undefined) {
    throw new UsageError(`Cannot take ${operand}: expected flags only, see --help`);
  }
  const minutes = flags.text("minutes");
  const migrations = flags.text("migrations");
  const most = migrations === undefined ? Infinity : countOf(migrations);
  const duration_ms = minutes === undefined && migrations !== undefined
    ? Infinity
    : minutesOf(minutes ?? "1") * 60_000;
  const sets = flags.list("set");
  // What is wrong with them is told before anything is started.
  for (const kind of ["unix", "tcp"] as const) {
    for (const multifd of [false, true]) soakCase(kind, multifd, sets);
  }
  const tell = (line: string) => {
    if (!flags.has("quiet")) console.error(line);
  };
  const { result, interrupted } = await untilInterrupted((signal) =>
    runSoak({ duration_ms, most, sets, signal, tell })
  );
  console.log(flags.has("json") ? JSON.stringify(result) : soakText(result));
  if (interrupted) return EXIT.INTERRUPTED;
  return result.passed ? EXIT.FINE : EXIT.TRIAL_FAILED;
}

function countOf(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new UsageError(`Cannot take --migrations ${text}: expected a whole number, at least 1`);
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && minutes > 0 && minutes <= MOST_MINUTES) return minutes;
  throw new UsageError(
    `Cannot take --minutes ${text}: expected a number above 0, at most ${MOST_MINUTES}`,
  );
}
