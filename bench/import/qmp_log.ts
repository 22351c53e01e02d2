import { parseBoundedJson } from "../outside/mod.ts";
import { readLines } from "../store/read_lines.ts";
import { ImportError } from "./import_error.ts";

/** What a QMP log says of the source of a migration. */
export interface QmpLog {
  /** The last `query-migrate` of a migration that is over; null where there is none. */
  readonly final: QmpFinal | null;
  /** `query-migrate-parameters` and `-capabilities` before the migration, or the monitor's text of them. */
  readonly parameters: ReadonlyMap<string, number | boolean | string>;
}

/** `query-migrate` at the end. */
export interface QmpFinal {
  readonly status: string;
  readonly totalTimeMs: number | undefined;
  readonly downtimeMs: number | undefined;
  readonly setupTimeMs: number | undefined;
  readonly transferredBytes: number | undefined;
  readonly dirtySyncCount: number | undefined;
  readonly vfioTransferredBytes: number | undefined;
  readonly errorDesc: string | undefined;
}

const ENDS = new Set(["completed", "failed", "cancelled"]);
/** `name: value` of `info migrate_parameters` and `info migrate_capabilities`. */
const PARAMETER =
  /\b(downtime-limit|max-bandwidth|avail-switchover-bandwidth|multifd-channels|switchover-ack|return-path|multifd|postcopy-ram|pause-before-switchover):\s*(\d+|on|off)\b/g;
const NAMES = new Set([
  "downtime-limit",
  "max-bandwidth",
  "avail-switchover-bandwidth",
  "multifd-channels",
]);
const CAPABILITIES = new Set([
  "switchover-ack",
  "return-path",
  "multifd",
  "pause-before-switchover",
  "postcopy-ram",
]);
/** One JSON value over more lines than this is none. */
const MOST_LINES = 2000;
/** And with more characters. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads what somebody wrote down of a source's QMP: lines with a JSON value in them, whatever stands before it
 * (a time, `<-`), on one line or on several; other lines are passed over.
 *
 * @throws {ImportError} in one line, for what cannot be read or has no `query-migrate` in it
 */
export async function readQmpLog(path: string): Promise<QmpLog> {
  const parameters = new Map<string, number | boolean | string>();
  let final: QmpFinal | null = null;
  let seen = false;
  try {
    for await (const value of jsonValues(path, parameters)) {
      const returned = objectOf(value)?.["return"] ?? value;
      const answer = objectOf(returned);
      if (answer === undefined) takeCapabilities(returned, parameters);
      else if (
        typeof answer["status"] === "string" && ("ram" in answer || "total-time" in answer)
      ) {
        seen = true;
        if (ENDS.has(answer["status"])) final = finalOf(answer["status"], answer);
      } else if (typeof answer["status"] === "string" && ENDS.has(answer["status"])) seen = true;
      else takeParameters(answer, parameters);
    }
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new ImportError(`Cannot import ${path}: ${reason}`);
  }
  if (!seen) {
    throw new ImportError(
      `Cannot import ${path}: no answer to query-migrate is in it; --qmp takes a log of the source's QMP`,
    );
  }
  return { final, parameters };
}

type Json = Readonly<Record<string, unknown>>;

/** Every JSON object or list of the log; what is written as text goes to the parameters. */
async function* jsonValues(
  path: string,
  parameters: Map<string, number | boolean | string>,
): AsyncGenerator<unknown> {
  let open: string[] = [];
  let characters = 0;
  let depth = 0;
  for await (const { text: line } of readLines(path, MOST_CHARACTERS)) {
    if (open.length === 0) {
      const at = line.search(/[{[]/);
      if (at < 0) {
        takeText(line, parameters);
        continue;
      }
      open = [line.slice(at)];
      characters = 0;
      depth = 0;
    } else open.push(line);
    const last = open.at(-1) ?? "";
    characters += last.length;
    depth += openedIn(last);
    // Only what is closed can be a value: trying after every line would take the square of their number.
    const value = depth <= 0 ? parsed(open.join("\n")) : undefined;
    if (value !== undefined) {
      yield value;
      open = [];
    } else if (
      depth <= 0 || open.length >= MOST_LINES || characters > MOST_CHARACTERS ||
      !/[{[,]\s*$/.test(open[0] ?? "")
    ) open = [];
  }
}

/** How many brackets a line opens and does not close; those in strings do not count. */
function openedIn(line: string): number {
  let depth = 0;
  for (const [sign] of line.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[{[\]}]/g)) {
    depth += sign === "{" || sign === "[" ? 1 : -1;
  }
  return depth;
}

function parsed(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

function takeText(line: string, parameters: Map<string, number | boolean | string>): void {
  // What the rig, or a person, asked of the destination is not the source's.
  if (/\bdst\b/.test(line.slice(0, 40))) return;
  for (const [, name = "", value = ""] of line.matchAll(PARAMETER)) {
    parameters.set(name, value === "on" ? true : value === "off" ? false : Number(value));
  }
}

function takeParameters(answer: Json, parameters: Map<string, number | boolean | string>): void {
  for (const [name, value] of Object.entries(answer)) {
    if (NAMES.has(name) && typeof value === "number") parameters.set(name, value);
  }
}

/** `[{"state": true, "capability": "switchover-ack"}, ...]`, as it is or in a `return`. */
function takeCapabilities(
  value: unknown,
  parameters: Map<string, number | boolean | string>,
): void {
  const list = Array.isArray(value) ? value : [];
  for (const one of list.map(objectOf)) {
    const { capability, state } = one ?? {};
    if (
      typeof capability === "string" && CAPABILITIES.has(capability) && typeof state === "boolean"
    ) {
      parameters.set(capability, state);
    }
  }
}

function finalOf(status: string, answer: Json): QmpFinal {
  const ram = objectOf(answer["ram"]) ?? {};
  const vfio = objectOf(answer["vfio"]) ?? {};
  const number = (value: unknown) => typeof value === "number" ? value : undefined;
  return {
    status,
    totalTimeMs: number(answer["total-time"]),
    downtimeMs: number(answer["downtime"]),
    setupTimeMs: number(answer["setup-time"]),
    transferredBytes: number(ram["transferred"]),
    dirtySyncCount: number(ram["dirty-sync-count"]),
    vfioTransferredBytes: number(vfio["transferred"]),
    errorDesc: typeof answer["error-desc"] === "string" ? answer["error-desc"] : undefined,
  };
}
