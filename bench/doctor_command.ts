import { libcSupport } from "../core/libc/mod.ts";
import { doctorDocument, doctorText, probeAbilities, survey } from "./doctor/mod.ts";
import { EXIT } from "./exit_code.ts";
import { parseFlags } from "./parse_flags.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task doctor [--json]

Lists this host's VFIO devices, what each can do in a migration, and what stands in the way of using it, with the
command that would mend it. Also devices that a driver of this kernel could migrate, if it had them. A device is opened
to be asked; its state stays what it is.

  --json    one JSON document on stdout instead of the text

Exit: 0 a device can be used (deno task bench --device), 2 none can.`;

/** `deno task doctor`. The host is another one in tests. */
export function doctorCommand(
  args: string[],
  host: { root: string; probe: typeof probeAbilities } = { root: "", probe: probeAbilities },
): Promise<number> {
  const given = parseFlags(args, { switches: ["json"] });
  if (given.help) {
    console.log(HELP);
    return Promise.resolve(EXIT.FINE);
  }
  const [operand] = given.operands;
  if (operand !== undefined) {
    throw new UsageError(`Cannot take ${operand}: deno task doctor looks at the whole host`);
  }
  const unsupported = libcSupport();
  if (unsupported !== null) throw new UsageError(unsupported);

  const found = doctorDocument(survey(host.root, host.probe));
  const isNothing = found.devices.length === 0 && found.candidates.length === 0;
  if (given.has("json")) console.log(JSON.stringify(found));
  else if (found.vfio || !isNothing) console.log(doctorText(found));
  if (found.devices.some(({ usable }) => usable)) return Promise.resolve(EXIT.FINE);
  const first = found.obstacles[0];
  const why = first === undefined
    ? "no VFIO driver has one"
    : `${first.device === null ? "" : `${first.device}: `}${first.why}`;
  const next = first?.mend ?? "bind a device to a driver that migrates it";
  console.error(`Cannot use any VFIO device here: ${why}; ${next}`);
  return Promise.resolve(EXIT.USAGE);
}
