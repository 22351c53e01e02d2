import { resolve } from "node:path";
import { closeRecording, readRecording } from "../core/device/mod.ts";
import { playCases } from "./bench_command.ts";
import { parseBenchArguments } from "./bench_arguments.ts";
import { EXIT } from "./exit_code.ts";
import { replayParams } from "./recording/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { applyOverrides, expandCases, ScenarioSchema } from "./scenario/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task replay RECORDING [FLAGS]

Migrates a recorded device (deno task record) over the ring: its answers, its bytes, and each call as long as it took
when it was recorded. The destination compares every byte with the recording.

  --timing recorded|none   none: calls take what they take (recorded)
  --speed X                so many times as fast as it was recorded (1)

The link counts as fast enough to stop the device where it was stopped when it was recorded
(--set avail_switchover_bandwidth or downtime_limit_ms for another decision). And as deno task bench: --trials, --channel, --buffer-size (as it was recorded), --set, --sweep, --out, --json, --quiet.

Exit: as deno task bench.`;

const PARAM_TEXTS = ["trials", "channel", "buffer-size"] as const;

/** `deno task replay`: a scenario of one recorded device, played as any other. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, {
    texts: [...PARAM_TEXTS, "timing", "speed", "out"],
    lists: ["set", "sweep"],
    switches: ["json", "quiet"],
  });
  if (given.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const [path, ...more] = given.operands;
  if (path === undefined || more.length > 0) {
    throw new UsageError(
      `Cannot replay ${given.operands.length} recordings: expected the .jsonl of one`,
    );
  }
  const recording = await readRecording(path);
  closeRecording(recording);
  const scenario = ScenarioSchema.parse({
    name: "replay",
    question: "How does this recorded device migrate?",
    clock: "wall",
    trials: TRIALS,
    params: replayParams(recording),
    devices: [{
      id: "dev0",
      capture: resolve(path),
      replay_timing: readTiming(given.text("timing") ?? "recorded"),
      replay_speed: readSpeed(given.text("speed") ?? "1"),
    }],
  });
  const flags = PARAM_TEXTS.flatMap((flag) => {
    const value = given.text(flag);
    return value === undefined ? [] : [`${flag.replaceAll("-", "_")}=${value}`];
  });
  const sets = [...flags, ...given.list("set")];
  const cases = expandCases(applyOverrides(scenario, sets, given.list("sweep")));
  return await playCases({ cases, expect: [] }, {
    ...parseBenchArguments([]),
    out: given.text("out"),
    json: given.has("json"),
    quiet: given.has("quiet"),
  }, "replay");
}

const TRIALS = 3;

function readTiming(text: string): "recorded" | "none" {
  if (text === "recorded" || text === "none") return text;
  throw new UsageError(`Cannot take --timing ${text}: expected recorded or none`);
}

function readSpeed(text: string): number {
  const speed = Number(text);
  if (text !== "" && speed > 0 && speed < Infinity) return speed;
  throw new UsageError(`Cannot take --speed ${text}: expected a number above 0, such as 0.5`);
}
