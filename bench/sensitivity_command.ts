import { EXIT } from "./exit_code.ts";
import { SCENARIOS_DIR } from "./paths.ts";
import {
  applyOverrides,
  expandCases,
  isProfiled,
  loadScenario,
  type Scenario,
} from "./scenario/mod.ts";
import { runVirtualTrial } from "./trial/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task sensitivity SCENARIO [PERCENT]

Varies every number of the scenario's devices, host, link and RAM by PERCENT (20) up and down, on the virtual
clock, and says what each does to the downtime of every case. The numbers that move it most carry the result.`;

/** What varying one key did: the downtimes of all cases with less and with more of it; null where one failed. */
interface Effect {
  readonly key: string;
  readonly less: readonly (number | null)[];
  readonly more: readonly (number | null)[];
}

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
  const effects = numbersOf(scenario).map(([key, value]): Effect => ({
    key,
    less: downtimes(applyOverrides(scenario, [`${key}=${scaled(value, 1 - percent / 100)}`])),
    more: downtimes(applyOverrides(scenario, [`${key}=${scaled(value, 1 + percent / 100)}`])),
  }));
  const weight = ({ less, more }: Effect) =>
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
function downtimes(scenario: Scenario): (number | null)[] {
  return expandCases(scenario).map((one) => {
    const place = { caseNumber: one.index, trial: 0, seed: one.seed };
    return runVirtualTrial(one, place).record.metrics.downtime_ms ?? null;
  });
}

/** Every number above 0 that can be set, by its key; those that all devices have in common together. */
function numbersOf(scenario: Scenario): [key: string, value: number][] {
  const numbers = new Map<string, number>();
  for (const group of ["ram", "link", "host"] as const) {
    for (const [key, value] of Object.entries(scenario[group])) {
      numbers.set(`${group}.${key}`, value);
    }
  }
  const profiles = scenario.devices.flatMap((device) =>
    isProfiled(device) ? [[device.id, device.profile] as const] : []
  );
  for (const [id, profile] of profiles) {
    for (const [key, value] of Object.entries(profile)) {
      if (typeof value !== "number" || NOT_A_QUANTITY.has(key)) continue;
      const shared = profiles.length > 1 &&
        profiles.every(([, other]) => other[key as keyof typeof other] === value);
      numbers.set(shared ? `devices.*.${key}` : `devices.${id}.${key}`, value);
    }
  }
  return [...numbers].filter(([, value]) => value > 0);
}

/** Fractions that cannot go above 1, and the grain of the model. */
const NOT_A_QUANTITY: ReadonlySet<string> = new Set(["initial_fraction", "chunk_size"]);

/** Sizes must stay whole; what is small keeps its decimals. */
function scaled(value: number, factor: number): string {
  const product = value * factor;
  return String(
    Number.isInteger(value) && value > 1000 ? Math.round(product) : Number(product.toFixed(6)),
  );
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
