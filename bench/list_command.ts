import { DRIVERS } from "../core/device/profiles/mod.ts";
import { VIRTIO_PROFILE } from "../core/device/virtio/mod.ts";
import {
  CHANNEL_GIVES,
  DEVICE_CALLS,
  FAULT_ERRNOS,
  FAULT_PLACES,
  HOST_GIVES,
  LIE_NAMES,
  lieOf,
  REGION_CALLS,
} from "../core/fault/mod.ts";
import { EXIT } from "./exit_code.ts";
import { listScenarios, loadScenario, PARAM_DESCRIPTIONS, VIRTIO_NET } from "./scenario/mod.ts";
import { SCENARIOS_DIR } from "./paths.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task list [scenarios|params|profiles|faults]

  scenarios   every scenario in scenarios/, and the question it answers (the default)
  params      every parameter that --set and --sweep take
  profiles    every device profile that a scenario can name
  faults      what a scenario's faults can be on, and what each can give; every lie of a device`;

/** `deno task list`: what there is to be run and to be set. */
export async function listCommand(args: string[]): Promise<number> {
  const [what = "scenarios"] = args;
  if (args.includes("--help") || args.includes("-h")) console.log(HELP);
  else if (what === "scenarios") console.log(await scenarioLines());
  else if (what === "params") console.log(columns(Object.entries(PARAM_DESCRIPTIONS)));
  else if (what === "profiles") console.log(profileLines());
  else if (what === "faults") console.log(faultLines());
  else {
    throw new UsageError(
      `Cannot list "${what}": there are scenarios, params, profiles and faults`,
    );
  }
  return EXIT.FINE;
}

async function scenarioLines(): Promise<string> {
  const names = await listScenarios(SCENARIOS_DIR);
  const scenarios = await Promise.all(names.map((name) => loadScenario(name, SCENARIOS_DIR)));
  return columns(scenarios.map(({ name, question }) => [name, question]));
}

/** Each driver, and under it what it has otherwise than the generic device. */
function profileLines(): string {
  const drivers = Object.entries(DRIVERS).map(([name, { about, profile }]) => {
    const own = Object.entries(profile).filter(([key, value]) =>
      name === "generic" || JSON.stringify(value) !== JSON.stringify(Reflect.get(GENERIC, key))
    );
    const keys = own.map(([key, value]) => `  ${key} ${JSON.stringify(value)}`);
    return [`${name}: ${about}`, ...keys].join("\n");
  });
  const virtio = Object.entries(VIRTIO_PROFILE).map(([key, value]) =>
    `  ${key} ${JSON.stringify(value)}`
  );
  return [...drivers, [`${VIRTIO_NET}: ${ABOUT_VIRTIO}`, ...virtio].join("\n")].join("\n\n");
}

function faultLines(): string {
  const lies = LIE_NAMES.map((name): [string, string] => {
    const { description, sides } = lieOf(name);
    return [`  ${name}`, `${description} (${sides.join(" or ")})`];
  });
  return [
    columns([
      ["a device", `call: ${DEVICE_CALLS.join(", ")}`],
      ["", `of protocol v1: ${REGION_CALLS.join(", ")}`],
      ["", `give: ${[...FAULT_ERRNOS, "short", "slow", "lie"].join(", ")}`],
      ["channel", `give: ${CHANNEL_GIVES.join(", ")}; channel1, channel2 ... are multifd's`],
      ["worker", `give: die, at: ${FAULT_PLACES.join(", ")}`],
      ["host", `give: ${HOST_GIVES.join(", ")}`],
      ["user", `give: cancel, at: ${FAULT_PLACES.join(", ")}`],
    ]),
    `lies of a device\n${columns(lies)}`,
  ].join("\n\n");
}

const ABOUT_VIRTIO =
  "virtio-net VF (vfio-virtio): its full state each time, once a second in precopy; keys of its own";

const GENERIC = DRIVERS.generic?.profile ?? {};

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, text]) => name.padEnd(width) + text).join("\n");
}
