import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderTable } from "../mod.ts";
import { bundle } from "./bundle.ts";
import { CASE_COLUMNS } from "../case_cells.ts";
import { curves } from "./curve_section.ts";
import { inOrder } from "./downtime_section.ts";
import { renderPage } from "./page.ts";
import { readPageRun } from "./page_run.ts";
import { scenarioRows } from "./page_rows.ts";
import { verifiedText } from "../verified_text.ts";
import { switchCharts } from "./switch_pairs.ts";
import { CASES, inFolder, writeHostileRun, writeRun } from "./testdata/runs.ts";

const BUNDLE = { script: "0", style: "" };

Deno.test("the summary says what deno task bench prints, cell by cell", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const { document } = await readPageRun(`${folder}/run`);
    const table = renderTable(document, { width: 1000, color: false });
    for (const one of document.cases) {
      const line = table.split("\n").find((text) => text.startsWith(`s ${one.label} `)) ?? "";
      const cells = CASE_COLUMNS.map((column) => column.cell(one)).filter((text) => text !== "");
      assertEquals(line.split(/ {2,}/).slice(1), cells);
    }
    assertStringIncludes(table, verifiedText(document.cases));
  }));

Deno.test("a page has every section, a table for every chart, and every number once as it was measured", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const page = await renderPage([await readPageRun(`${folder}/run`)], BUNDLE);
    for (
      const id of [
        "summary",
        "switches",
        "downtime",
        "buffers",
        "timelines",
        "durations",
        "estimates",
      ]
    ) {
      assertStringIncludes(page, `<section id="${id}"`);
      assertStringIncludes(page, `href="#${id}"`);
    }
    assertEquals(page.split("<figure>").length, page.split("<figcaption>").length);
    assertEquals(page.split('role="img" aria-label="').length, page.split("<figure>").length);
    assertStringIncludes(page, "1 of 2 expectations are missed.");
    assertStringIncludes(page, "State verified byte for byte in all 12 trials.");
    for (const said of ["? 6 no answer", "▲ 3 of nothing: 1 MiB", "= 3 exact", "6 over: +125 %"]) {
      assertStringIncludes(page.replaceAll(/\s+/g, " "), said);
    }
  }));

Deno.test("nothing on the page is loaded from anywhere", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const run = await readPageRun(`${folder}/run`);
    const made = await bundle();
    const page = await renderPage([run, run], made);
    for (const [, target] of page.matchAll(/\b(?:src|href|action|data|poster)="([^"]*)"/g)) {
      assertEquals(target?.[0], "#", target);
    }
    assertEquals(
      page.match(/@import|url\(|<link|<iframe|<img|import\(|\bfetch\(|XMLHttpRequest/),
      null,
    );
    // The only addresses are the names of namespaces.
    assertEquals(page.match(/https?:\/\/(?!www\.w3\.org\/)/), null);
    assertStringIncludes(page, "default-src &#39;none&#39;; script-src &#39;sha256-");
    assertEquals(await bundle(), made);
  }));

Deno.test("the same runs give the same page", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const page = async () => await renderPage([await readPageRun(`${folder}/run`)], BUNDLE);
    assertEquals(await page(), await page());
  }));

Deno.test("names and errors of a run cannot bring HTML or script into the page", () =>
  inFolder(async (folder) => {
    await writeHostileRun(`${folder}/run`);
    const page = await renderPage([await readPageRun(`${folder}/run`)], BUNDLE);
    assertEquals(page.split("<script").length - 1, 2);
    assertEquals(page.split("</script").length - 1, 2);
    assertEquals(page.includes("<img"), false);
    // No attribute was ended by a name: every tag is one of ours.
    const withoutScripts = page.replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, "");
    for (const [tag] of withoutScripts.matchAll(/<[^!][^>]*>/g)) {
      assertEquals(tag.replaceAll(/"[^"]*"/g, "").match(/\son\w+=/), null, tag);
    }
    assert(page.includes("&lt;img src=x onerror=&quot;alert(2)&quot;&gt;&#39;&quot;&amp;"));
  }));

Deno.test("two runs stand side by side: what is the same case in both follows itself", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/one`);
    writeRun(`${folder}/two`, CASES.slice(1).toReversed());
    const runs = [await readPageRun(`${folder}/one`), await readPageRun(`${folder}/two`)];
    const [rows] = scenarioRows(runs);
    assertEquals(rows?.rows.map(({ side, label }) => [side, label]), [
      ["A", CASES[0]?.label],
      ...CASES.slice(1).flatMap(({ label }) => [["A", label], ["B", label]]),
    ]);
    const page = await renderPage(runs, BUNDLE);
    assertStringIncludes(page, "A: s reinit=on buffer_size=1MiB");
    assertStringIncludes(page, "B: s reinit=on buffer_size=1MiB");
    assertStringIncludes(page, "Solid: A. Dashed: B.");
  }));

Deno.test("curves and pairs are found by what varies", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const rows = scenarioRows([await readPageRun(`${folder}/run`)])[0]?.rows ?? [];
    assertEquals(
      curves(rows, "downtime_ms").map(({ name, points }) => [
        name,
        ...points.map(({ buffer_size, summary }) => [buffer_size, summary.median]),
      ]),
      [
        ["reinit=false", [65536, 81], [1048576, 91]],
        ["reinit=true", [65536, 101], [1048576, 111]],
      ],
    );
    const charts = switchCharts(rows, () => []);
    assertEquals(
      charts.map(({ key, metric, pairs }) => [
        key,
        metric,
        ...pairs.map(({ name, bars }) => [name, ...bars.map((bar) => bar.summary?.median)]),
      ]),
      [["reinit", "downtime_ms", ["buffer_size=65536", 81, 101], ["buffer_size=1048576", 91, 111]]],
    );
  }));

Deno.test("parts of a downtime keep their order over cases with other devices", () => {
  assertEquals(inOrder([["stop", "save a", "load"], ["stop", "save a", "save b", "load"]]), [
    "stop",
    "save a",
    "save b",
    "load",
  ]);
});

Deno.test("a run without trials, and one that was killed, have a page", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    await Deno.writeTextFile(`${folder}/run/trials.jsonl`, "");
    const empty = await renderPage([await readPageRun(`${folder}/run`)], BUNDLE);
    assertStringIncludes(empty, "No trial was played.");
    const meta = JSON.parse(await Deno.readTextFile(`${folder}/run/run.json`));
    await Deno.writeTextFile(
      `${folder}/run/run.json`,
      JSON.stringify({ ...meta, complete: false, finished_at: null }),
    );
    await Deno.writeTextFile(`${folder}/run/trials.jsonl`, '{"scenario"');
    const killed = await renderPage([await readPageRun(`${folder}/run`)], BUNDLE);
    assertStringIncludes(killed, "Interrupted: not all trials were played");
    assertStringIncludes(killed, "was being written when the run was killed is left out");
  }));
