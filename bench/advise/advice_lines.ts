import { formatMs } from "../scenario/mod.ts";
import type { Advice, HangsOn, Tried } from "./advise.ts";

/** Settings that miss the limit are listed up to so many; `--json` has all. */
const MOST_MISSES = 12;

/** The advice in words, then as a table, then what it rests on. */
export function adviceLines(advice: Advice, notes: readonly string[]): string[] {
  const { downtime_limit_ms, as_it_is, answer, safest, tried, hangs_on, varied_percent } = advice;
  const limit = formatMs(downtime_limit_ms);
  const meets = tried.filter((one) => one.meets);
  const misses = tried.filter((one) => !one.meets);
  const nearest = misses[0];
  return [
    `as it is: ${outcome(as_it_is)}${as_it_is.meets ? "" : ` - ${as_it_is.why}`}`,
    answer === null
      ? `meets ${limit}: none of ${tried.length} settings; nearest: ${
        nearest === undefined ? "none" : `${name(nearest)}, ${outcome(nearest)} - ${nearest.why}`
      }`
      : `meets ${limit}: ${meets.length} of ${tried.length} settings; cheapest: ${name(answer)}, ${
        outcome(answer)
      }`,
    ...(safest === null || safest === answer
      ? []
      : [`with the most room below it: ${name(safest)}, ${outcome(safest)}`]),
    "",
    ...table(meets, misses),
    "",
    ...carried(hangs_on, varied_percent, answer !== null),
    ...notes.map((note) => `note: ${note}`),
  ];
}

function table(meets: readonly Tried[], misses: readonly Tried[]): string[] {
  const shown = misses.slice(0, MOST_MISSES);
  const rows = [...meets, ...shown].map((one) => [
    one.meets ? "meets" : "does not",
    name(one),
    one.downtime_ms === null ? "-" : ms(one.downtime_ms),
    one.total_time_ms === null ? "-" : ms(one.total_time_ms),
    one.why === null ? "" : `because ${shortened(one.why)}`,
  ]);
  const lines = aligned([["", "setting", "downtime", "total", ""], ...rows]);
  const left = misses.length - shown.length;
  return left === 0 ? lines : [...lines, `${left} more that do not: --json has them`];
}

/** The numbers that the answer hangs on, in words. */
function carried(hangs_on: readonly HangsOn[], percent: number, isMet: boolean): string[] {
  if (hangs_on.length === 0) return ["No number of the model moves this by itself."];
  return hangs_on.map(({ key, text, less_downtime_ms, more_downtime_ms, flips, source }, at) => {
    const begin = at === 0 ? `The answer hangs on ${key}` : `and on ${key}`;
    const verdict = !flips
      ? ""
      : isMet
      ? "; one of them is over the limit"
      : "; one of them is within the limit";
    return `${begin} (${text}; ${source}): ${percent} % less gives ${
      orFails(less_downtime_ms)
    }, ${percent} % more ${orFails(more_downtime_ms)}${verdict}`;
  });
}

function orFails(downtime_ms: number | null): string {
  return downtime_ms === null ? "no end" : ms(downtime_ms);
}

function name({ sets }: Tried): string {
  return sets.length === 0 ? "the limit alone" : sets.join(" ");
}

function outcome({ downtime_ms, total_time_ms }: Tried): string {
  if (downtime_ms === null || total_time_ms === null) {
    return "the migration does not come to an end";
  }
  return `${ms(downtime_ms)} downtime, ${ms(total_time_ms)} in all`;
}

function ms(value_ms: number): string {
  return value_ms >= 10_000 ? `${(value_ms / 1000).toFixed(1)} s` : `${value_ms.toFixed(0)} ms`;
}

const LONGEST_WHY = 110;

function shortened(text: string): string {
  return text.length <= LONGEST_WHY ? text : `${text.slice(0, LONGEST_WHY - 3)}...`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((text, at) =>
      at === 2 || at === 3 ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)
    ).join("  ").trimEnd()
  );
}
