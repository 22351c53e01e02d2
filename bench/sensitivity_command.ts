import { type Effect, varyNumbers } from "./advise/mod.ts";
import { EXIT } from "./exit_code.ts";
import { SCENARIOS_DIR } from "./paths.ts";
import { applyOverrides, expandCases, loadScenario, type Scenario } from "./scenario/mod.ts";
import { runVirtualTrial } from "./trial/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task sensitivity SCENARIO [PERCENT]

Varies every number of the scenario's devices, host, link and RAM by PERCENT (20) up and down, on the virtual
clock, and says what each does to the downtime of every case. The numbers that move it most carry the result.`;

/** The downtimes of all cases; null where one failed. */
type Downtimes = readonly (number | null)[];

/** `deno task sensitivity`. */
export async function sensitivityCommand(args: string[]): Promise<number> {
  const [name, percentText = "20"] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    console.log(HELP);
    return name === undefined ? EXIT.USAGE : EXIT.FINE;
  }
  const percent = Number(percentText);
  if (!(percent > 0 && percent < 100)) {
    throw new UsageError(
      `Cannot vary by ${percentText} percent: expected a number between 0 and 100`,
    );
  }
  const scenario = applyOverrides(await loadScenario(name, SCENARIOS_DIR), ["clock=virtual"]);
  const base = downtimes(scenario);
  const labels = expandCases(scenario).map((one) => one.label || one.scenario);
  const effects = varyNumbers(scenario, percent, downtimes);
  const weight = ({ less, more }: Effect<Downtimes>) =>
    Math.max(...[...less, ...more].map((value, i) => change(value, base[i % base.length] ?? null)));
  effects.sort((a, b) => weight(b) - weight(a));

  const rows = [
    ["", ...labels.flatMap((label) => [`${label} -${percent}%`, `+${percent}%`])],
    ["as it is", ...base.flatMap((value) => [ms(value), ""])],
    ...effects.map(({ key, less, more }) => [
      key,
      ...less.flatMap((value, i) => [ms(value), ms(more[i] ?? null)]),
    ]),
  ];
  console.log(aligned(rows));
  return EXIT.FINE;
}

/** The downtime of every case in milliseconds. */
function downtimes(scenario: Scenario): Downtimes {
  return expandCases(scenario).map((one) => {
    const place = { caseNumber: one.index, trial: 0, seed: one.seed };
    return runVirtualTrial(one, place).record.metrics.downtime_ms ?? null;
  });
}

function change(value: number | null, base: number | null): number {
  return value === null || base === null ? Infinity : Math.abs(value / base - 1);
}

function ms(value: number | null): string {
  return value === null ? "failed" : `${value.toFixed(0)} ms`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from(
    { length: columns },
    (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((text, at) => at === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[at] ?? 0))
      .join("  ").trimEnd()
  ).join("\n");
}
