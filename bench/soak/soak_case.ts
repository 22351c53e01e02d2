import {
  applyOverrides,
  type Case,
  expandCases,
  ScenarioError,
  ScenarioSchema,
} from "../scenario/mod.ts";

/** Of each state this part is never dirtied: it must be the same after any number of migrations. */
export const UNTOUCHED_FROM = 0.5;

/**
 * What is migrated to and fro: a device and RAM that the guest dirties, over the main channel or multifd's. Over unix
 * and tcp in turn, as the two processes listen.
 *
 * @param sets As `--set` has them
 * @throws {ScenarioError} in one line
 */
export function soakCase(kind: "unix" | "tcp", multifd: boolean, sets: readonly string[]): Case {
  const scenario = ScenarioSchema.parse({
    name: "soak",
    question: "Does a state that goes to and fro stay whole, and the memory flat?",
    params: { buffer_size: "64KiB", max_time_ms: "20s" },
    devices: [{
      id: "nic0",
      profile: "generic",
      state_size: "16MiB",
      dirty_rate: "64MiB/s",
      dirty_span: "4MiB",
    }],
    ram: { size: "8MiB", dirty_rate: "16MiB/s", dirty_span: "2MiB" },
  });
  const own = [
    `channel=${kind}`,
    `multifd=${multifd ? "on" : "off"}`,
    ...multifd ? ["channels=2"] : [],
  ];
  const [one, another] = expandCases(applyOverrides(scenario, [...own, ...sets]));
  if (one !== undefined && another === undefined && one.params.channel === kind) return one;
  throw new ScenarioError(
    "Cannot soak with what was set: it is to be one case, whose channel is the connection's",
  );
}
