import type { KernelSpec } from "./device_spec.ts";
import { ScenarioError } from "./scenario_error.ts";
import type { Scenario } from "./schema.ts";

/**
 * The scenario with real devices in the place of its own. They are on the wall clock, and what the scenario expects
 * was expected of others.
 */
export function onRealDevices(scenario: Scenario, devices: readonly KernelSpec[]): Scenario {
  const params = { ...scenario.params, devices: devices.length };
  return { ...scenario, clock: "wall", devices, params, expect: [] };
}

/**
 * Refuses what a scenario, once the command line's wishes are in it, wants of real devices and they do not have.
 *
 * @throws {ScenarioError} for the first of it
 */
export function checkRealDevices(scenario: Scenario, count: number): void {
  const { name, clock, matrix, variants } = scenario;
  const refuse = (why: string): never => {
    throw new ScenarioError(`Cannot play ${name} with --device: ${why}`);
  };
  if (clock === "virtual") {
    refuse("a real device has no virtual clock; leave out clock=virtual");
  }
  const varied = Object.keys(matrix).find(isOfDevices);
  if (varied !== undefined) {
    refuse(
      `it varies ${varied}, which a real device does not have; take another scenario`,
    );
  }
  for (const [variant, settings] of Object.entries(variants)) {
    const key = Object.keys(settings).find(isOfDevices);
    if (key === undefined) continue;
    refuse(
      `its variant ${variant} sets ${key}, which a real device does not have; name the variants to play with --sweep variant=A,B`,
    );
  }
  const most = Math.max(scenario.params.devices, ...numbersOf(matrix.devices));
  if (most > count) {
    refuse(`it wants ${most} devices and there are ${count}; give more, or set devices=${count}`);
  }
}

function isOfDevices(key: string): boolean {
  return key.startsWith("devices.");
}

function numbersOf(values: readonly unknown[] = []): number[] {
  return values.filter((value) => typeof value === "number");
}
