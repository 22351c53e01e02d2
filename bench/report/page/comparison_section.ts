import type { Comparison, ComparisonRow } from "../../compare/mod.ts";
import {
  closingText,
  legendText,
  pText,
  ratioText,
  sideText,
  verdictText,
} from "../../compare/row_text.ts";
import { hypertext, type Markup } from "./markup.ts";
import { chartFigure, dataTable, legendList, numberText, round, words, xAxis } from "./parts.ts";
import { linearScale, type Scale } from "./scale.ts";

const VERDICTS = ["regressed", "improved", "inconclusive", "same"] as const;

/** What B is to A, by the verdicts of `deno task compare`; null where the page has one run. */
export function comparisonSection(comparison: Comparison | string | undefined): Markup | null {
  if (comparison === undefined) return null;
  return hypertext`
    <section id="verdicts" aria-labelledby="verdicts-h"><h2 id="verdicts-h">A against B</h2>
    ${
    typeof comparison === "string"
      ? hypertext`<p class="verdict bad">${comparison}.</p>`
      : comparisonPart(comparison)
  }</section>
  `;
}

function comparisonPart(comparison: Comparison): Markup {
  const { rows, unmatched, warnings, verdicts } = comparison;
  const bad = verdicts.regressed > 0;
  return hypertext`
    <p class="verdict${bad && " bad"}">${closingText(comparison)}</p>
    ${warnings.map((text) => hypertext`<p class="note">${text}</p>`)}
    ${rows.length > 0 && ratioFigure(rows)}
    <p class="note">${legendText(comparison)}</p>
    ${
    unmatched.length > 0 && hypertext`
      <details><summary>${unmatched.length} cases are not compared</summary><ul>${
      unmatched.map((one) =>
        hypertext`<li>${one.run === "base" ? "A" : "B"}: ${one.case}: ${one.reason}</li>`
      )
    }</ul></details>
    `
  }
  `;
}

/** The ratio of every metric with its interval, around 1; what is outside of the axis ends at it. */
function ratioFigure(rows: readonly ComparisonRow[]): Markup {
  const ordered = rows.toSorted((a, b) =>
    VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)
  );
  const scale = ratioScale(ordered);
  let last = "";
  const drawn = ordered.map((row) => {
    const head = row.case === last ? null : hypertext`<h4>${row.case}</h4>`;
    last = row.case;
    return hypertext`${head}${ratioRow(row, scale)}`;
  });
  const label =
    `Ratios of B to A with their intervals, ${rows.length} metrics. The same numbers are in the table under it.`;
  return chartFigure(
    "B over A",
    hypertext`<div class="bars ratios" role="img" aria-label="${label}">${drawn}
<svg class="axis" height="20" aria-hidden="true">${
      xAxis(scale, (ratio) => `x${ratio}`)
    }</svg></div>`,
    dataTable(
      "What B is to A",
      ["case", "metric", "A", "B", "ratio", "p", "verdict"],
      ordered.map((row) => [
        words(row.case),
        words(row.metric),
        numberText(sideText(row.metric, row.base)),
        numberText(sideText(row.metric, row.candidate)),
        { text: ratioText(row), number: true, value: row.ratio ?? undefined },
        numberText(pText(row)),
        words(verdictText(row)),
      ]),
    ),
    {
      legend: legendList(
        VERDICTS.map((word) => ({
          name: word,
          key: hypertext`<span class="chip ${word}">${MARKS[word]}</span>`,
        })),
      ),
    },
  );
}

const MARKS = { regressed: "!", improved: "+", inconclusive: "?", same: "=" } as const;

/** So far an axis goes at most: one ratio of 100 would press all others into a dot. */
const FURTHEST = 3;

function ratioScale(rows: readonly ComparisonRow[]): Scale {
  const ends = rows.flatMap(({ ratio, ratio_ci95 }) => [ratio, ratio_ci95?.[1] ?? null])
    .map((end) => Math.min(FURTHEST, end ?? FURTHEST));
  return linearScale(Math.max(1.2, ...ends));
}

function ratioRow(row: ComparisonRow, scale: Scale): Markup {
  const { verdict, metric, ratio } = row;
  const [low, high] = row.ratio_ci95 ?? [ratio, ratio];
  const place = (value: number | null) => scale.at(value ?? Infinity);
  const one = scale.at(1);
  const middle = place(ratio);
  return hypertext`
    <div class="bar-row">
      <div class="bar-name">
        ${metric} <span class="bar-value">${ratioText(row)}</span>
        <span class="chip ${verdict}">${MARKS[verdict]} ${verdictText(row)}</span>
      </div>
      <svg class="bar strip" height="16">
        <line class="zero" x1="${one}%" x2="${one}%" y1="0" y2="100%" />
        <g class="ratio ${verdict}">
          <line class="whisker" x1="${place(low)}%" x2="${round(place(high))}%" y1="50%" y2="50%" />
          <circle cx="${middle}%" cy="50%" r="4"><title>${metric}: ${
    ratioText(row)
  }</title></circle>
        </g>
      </svg>
    </div>
  `;
}
