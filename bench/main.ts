/**
 * The command line: `bench/main.ts COMMAND [ARGUMENTS]`. Each command is a file beside this one.
 * @module
 */
import { EXIT } from "./exit_code.ts";
import { GIVEN_WRONG } from "./given_wrong.ts";
import { lineText } from "./outside/line_text.ts";

/** A command takes its arguments and says with which code to exit. */
type Command = (args: string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  bench: async () => (await import("./bench_command.ts")).benchCommand,
  ceiling: async () => (await import("./ceiling_command.ts")).ceilingCommand,
  advise: async () => (await import("./advise_command.ts")).adviseCommand,
  sensitivity: async () => (await import("./sensitivity_command.ts")).sensitivityCommand,
  compare: async () => (await import("./compare_command.ts")).compareCommand,
  merge: async () => (await import("./merge_command.ts")).mergeCommand,
  import: async () => (await import("./import_command.ts")).importCommand,
  inspect: async () => (await import("./inspect_command.ts")).inspectCommand,
  report: async () => (await import("./report_command.ts")).reportCommand,
  baseline: async () => (await import("./baseline_command.ts")).baselineCommand,
  nightly: async () => (await import("./nightly_command.ts")).nightlyCommand,
  history: async () => (await import("./history_command.ts")).historyCommand,
  "false-alarms": async () => (await import("./false_alarms_command.ts")).falseAlarmsCommand,
  soak: async () => (await import("./soak_command.ts")).soakCommand,
  vm: async () => (await import("./vm_command.ts")).vmCommand,
  doctor: async () => (await import("./doctor_command.ts")).doctorCommand,
  record: async () => (await import("./record_command.ts")).recordCommand,
  replay: async () => (await import("./replay_command.ts")).replayCommand,
  list: async () => (await import("./list_command.ts")).listCommand,
};

/** Texts that are told without loading the command that they are about: that takes longer than all the rest. */
const HELP: Readonly<Record<string, () => Promise<string>>> = {
  bench: async () => (await import("./bench_help.ts")).BENCH_HELP,
};

/** Whether help is all that is asked for. Beside anything else the command itself reads its arguments. */
function asksForHelp(args: readonly string[]): boolean {
  return args.length === 1 && (args[0] === "--help" || args[0] === "-h");
}

async function main(args: string[]): Promise<number> {
  // `bench ceiling` plays no scenario: it is a command of its own.
  const [name = "", ...rest] = args[0] === "bench" && args[1] === "ceiling" ? args.slice(1) : args;
  const load = COMMANDS[name];
  if (load === undefined) {
    console.error(
      `Cannot run the command "${name}": there are ${Object.keys(COMMANDS).join(", ")}`,
    );
    return EXIT.USAGE;
  }
  const help = HELP[name];
  if (help !== undefined && asksForHelp(rest)) {
    console.log(await help());
    return EXIT.FINE;
  }
  try {
    return await (await load())(rest);
  } catch (error) {
    if (!(error instanceof Error) || !GIVEN_WRONG.has(error.name)) throw error;
    console.error(lineText(error.message));
    return EXIT.USAGE;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
