import { adviceLines, advise, readSubject } from "./advise/mod.ts";
import { EXIT } from "./exit_code.ts";
import { parseFlags } from "./parse_flags.ts";
import { SCENARIOS_DIR } from "./paths.ts";
import { plainText } from "./report/case_text.ts";
import { applyOverrides, parseMs } from "./scenario/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task advise RUN|PROFILE|SCENARIO [FLAGS]

Says which settings keep a migration's downtime within a limit, which do not and why, and what each costs in total time: downtime
limit, switchover bandwidth, bandwidth, policy, switchover-ack, buffer size, channels (multifd), REINIT, each alone and the best of
them together; tried on the virtual clock. And it names the number that the answer hangs on.

  RUN                      the folder of an imported run (deno task import)
  PROFILE                  a profile file (import --profile FILE.json)
  SCENARIO                 a scenario's name or path

  --downtime-limit TIME    what the guest may stand still for (300ms); the scenario's own downtime_limit_ms otherwise
  --set KEY=VALUE          changes the scenario first (link.bandwidth=25Gbit/s); as often as you like
  --json                   one JSON document on stdout instead of the text

Exit: 0 something meets the limit, 1 nothing does, 2 usage or scenario error.`;

/** `deno task advise`. */
export async function adviseCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["downtime-limit"],
    lists: ["set"],
    switches: ["json"],
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const [path, ...more] = flags.operands;
  if (path === undefined || more.length > 0) {
    throw new UsageError(
      `Cannot advise on ${flags.operands.length} things: expected one run, profile or scenario; --help says more`,
    );
  }
  const read = await readSubject(path, SCENARIOS_DIR);
  const subject = { ...read, scenario: applyOverrides(read.scenario, flags.list("set")) };
  const limit_ms = limitOf(flags.text("downtime-limit"), subject.scenario.params.downtime_limit_ms);
  const advice = advise(subject, limit_ms);
  if (flags.has("json")) console.log(JSON.stringify({ ...advice, notes: subject.notes }));
  else for (const line of adviceLines(advice, subject.notes)) console.log(plainText(line));
  return advice.answer === null ? EXIT.REGRESSED : EXIT.FINE;
}

function limitOf(text: string | undefined, otherwise_ms: number): number {
  if (text === undefined) return otherwise_ms;
  const limit_ms = parseMs(Number.isNaN(Number(text)) ? text : Number(text));
  if (limit_ms !== undefined && limit_ms > 0) return limit_ms;
  throw new UsageError(
    `Cannot take --downtime-limit ${text}: expected a time above 0, such as 300ms`,
  );
}
