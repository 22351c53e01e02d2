import { applyOverrides, isProfiled, type Scenario } from "../scenario/mod.ts";

/** What varying one key did, whatever is looked at of a scenario. */
export interface Effect<Outcome> {
  readonly key: string;
  readonly value: number;
  readonly less: Outcome;
  readonly more: Outcome;
}

/**
 * Varies every number of a scenario's devices, host, link and RAM, one at a time, down and up by so many percent.
 *
 * @param look Plays the scenario and says what is looked at
 */
export function varyNumbers<Outcome>(
  scenario: Scenario,
  percent: number,
  look: (varied: Scenario) => Outcome,
): Effect<Outcome>[] {
  const at = (key: string, value: number, factor: number) =>
    look(applyOverrides(scenario, [`${key}=${scaled(value, factor)}`]));
  return numbersOf(scenario).map(([key, value]) => ({
    key,
    value,
    less: at(key, value, 1 - percent / 100),
    more: at(key, value, 1 + percent / 100),
  }));
}

/** Every number above 0 that can be set, by its key; those that all devices have in common together. */
export function numbersOf(scenario: Scenario): [key: string, value: number][] {
  const numbers = new Map<string, number>();
  for (const group of ["ram", "link", "host"] as const) {
    for (const [key, value] of Object.entries(scenario[group])) {
      if (!NOT_A_QUANTITY.has(key)) numbers.set(`${group}.${key}`, value);
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
const NOT_A_QUANTITY: ReadonlySet<string> = new Set([
  "initial_fraction",
  "zero_fraction",
  "chunk_size",
]);

/** Sizes must stay whole; what is small keeps its decimals. */
export function scaled(value: number, factor: number): string {
  const product = value * factor;
  return String(
    Number.isInteger(value) && value > 1000 ? Math.round(product) : Number(product.toFixed(6)),
  );
}
