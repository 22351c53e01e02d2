/// <reference lib="dom" />
/**
 * Tests of the page in a browser. `browser_test.ts` runs them, where there is one.
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";
import { CHROMIUM } from "./testdata/chromium.ts";
import { compareRuns } from "../../compare/mod.ts";
import { type History, historyOf, historyRun } from "../../history/mod.ts";
import { readRun } from "../../store/mod.ts";
import { bundle } from "./bundle.ts";
import { type PageExtras, renderPage } from "./page.ts";
import { readPageRun } from "./page_run.ts";
import { CASES, inFolder, writeHostileRun, writeRun } from "./testdata/runs.ts";

interface Opened {
  readonly page: Page;
  /** What went wrong, in the console or beyond, and what was asked of the network. */
  readonly trouble: string[];
}

/** A test of the page of a run, or of two, in a browser. */
function browserTest(
  name: string,
  runs: 1 | 2 | "hostile",
  use: (opened: Opened) => Promise<void>,
): void {
  Deno.test({
    name,
    // The browser's pipes end a little after it has been closed.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      inFolder(async (folder) => {
        writeRun(`${folder}/one`);
        writeRun(`${folder}/two`, CASES.slice(0, 3));
        await writeHostileRun(`${folder}/hostile`);
        const names = runs === "hostile" ? [runs] : ["one", "two"].slice(0, runs);
        const read = await Promise.all(
          names.map((run) => readPageRun(`${folder}/${run}`)),
        );
        const file = `${folder}/page.html`;
        const extras = {
          ...await comparisonOf(folder, names),
          history: await steppedHistory(folder),
        };
        await Deno.writeTextFile(file, await renderPage(read, await bundle(), extras));
        const browser = await chromium.launch({
          executablePath: CHROMIUM,
          args: ["--no-sandbox", "--disable-dev-shm-usage"],
        });
        try {
          await use(await open(browser, file));
        } finally {
          await browser.close();
        }
      }),
  });
}

/** Of two runs. */
async function comparisonOf(folder: string, names: readonly string[]): Promise<PageExtras> {
  const [base, candidate] = await Promise.all(
    names.map(async (run) => ({ run, ...await readRun(`${folder}/${run}`) })),
  );
  if (base === undefined || candidate === undefined) return {};
  const options = { metrics: ["downtime_ms"], tolerance: 0.05, anyway: false };
  return { comparison: compareRuns(base, candidate, options) };
}

/** Sixteen nights, of which the last six are slower. */
async function steppedHistory(folder: string): Promise<History> {
  const { meta, trials, tornLines } = await readRun(`${folder}/one`);
  const nights = Array.from({ length: 16 }, (_, at) => {
    const started_at = new Date(Date.UTC(2026, 0, at + 1)).toISOString();
    const slower = (at < 10 ? 1 : 1.3) * (1 + (at * 7 % 5) / 500);
    const ofNight = trials.map((trial) => ({
      ...trial,
      metrics: { downtime_ms: (trial.metrics.downtime_ms ?? 0) * slower },
    }));
    const run = { meta: { ...meta, started_at }, trials: ofNight, tornLines };
    return historyRun(`night-${at}`, run, ["downtime_ms"]);
  });
  return historyOf(nights, ["downtime_ms"]);
}

async function open(browser: Browser, file: string): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  const trouble: string[] = [];
  page.on("console", (message) => trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== `file://${file}`) trouble.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  await page.locator(".u-over").first().waitFor();
  return { page, trouble };
}

browserTest("every timeline is drawn, without an error or a request", 1, async (opened) => {
  const { page, trouble } = opened;
  assertEquals(await page.locator("canvas").count(), 2);
  for (const summary of await page.locator(".timeline-case > summary").all()) {
    if (await summary.evaluate((one) => !one.parentElement?.hasAttribute("open"))) {
      await summary.click();
    }
  }
  await page.locator("canvas").nth(7).waitFor();
  assertEquals(await page.locator("canvas").count(), 2 * CASES.length);
  // A canvas on which nothing is drawn is transparent all over.
  const painted = await page.locator("canvas").evaluateAll((all) =>
    all.map((one) => {
      if (!(one instanceof HTMLCanvasElement)) return 0;
      const pixels = one.getContext("2d")?.getImageData(0, 0, one.width, one.height).data ?? [];
      return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
    })
  );
  assert(painted.every((pixels) => pixels > 2000), String(painted));
  assertEquals(await page.locator(".legend.marks").first().innerText().then(words), [
    ..."I initial data of a device is sent at 50 ms".split(" "),
    ..."A switchover-ack at 210 ms R REINIT: new initial data at 120 ms".split(" "),
    ..."P guest paused at 250 ms S switchover decided at 300 ms".split(" "),
    ..."G guest runs at the destination at 380 ms".split(" "),
  ]);
  assertEquals(trouble, []);
});

function words(text: string): string[] {
  return text.split(/\s+/);
}

browserTest("the numbers of a table are those of its chart", 1, async ({ page, trouble }) => {
  const table = page.locator(".timeline-case[open] .timeline details");
  await table.locator("summary").click();
  const values = await table.locator("table").first().locator("td.n").evaluateAll((cells) =>
    cells.map((cell) => Number(cell.getAttribute("data-value")))
  );
  assertEquals(values, [100, 2 ** 22, 2 ** 19, 200, 2 ** 20, 2 ** 19, 300, 0, 2 ** 19]);
  // The widths of a bar's parts are in proportion to the table's numbers.
  const figure = page.locator("#downtime figure").first();
  const widths = await figure.locator("svg.bar").first().locator("rect").evaluateAll((rects) =>
    rects.map((rect) => rect.getBoundingClientRect().width)
  );
  const parts = await figure.locator("tbody tr").first().locator("td").evaluateAll((cells) =>
    cells.slice(1).map((cell) => Number(cell.getAttribute("data-value")))
  );
  assertEquals(widths.length, parts.length);
  const scale = (widths[2] ?? 0) / (parts[2] ?? 1);
  for (const [i, width] of widths.entries()) {
    assert(Math.abs(width - (parts[i] ?? 0) * scale) < 0.5, `${widths} ${parts}`);
  }
  assertEquals(trouble, []);
});

browserTest("the cursor is shared, by pointer and by keyboard", 2, async ({ page, trouble }) => {
  const outputs = () => page.locator(".timeline-case[open] output").allInnerTexts();
  assertEquals(await outputs(), ["", "", "", "", "", ""]);
  const first = page.locator(".u-over").first();
  await first.scrollIntoViewIfNeeded();
  const box = await first.boundingBox();
  assert(box !== null);
  // At 200 of 381 ms.
  await page.mouse.move(box.x + box.width * 0.5249, box.y + 20);
  const at200 = ["1 MiB", "512 KiB", "2 MiB"];
  await page.waitForFunction(() => document.querySelectorAll("output")[5]?.textContent !== "");
  assertEquals(await outputs(), [...at200, ...at200]);
  await page.mouse.move(0, 0);
  await page.locator(".chart").first().focus();
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector("output")?.textContent === "4 MiB");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector("output")?.textContent === "1 MiB");
  assertEquals(await outputs(), [...at200, ...at200]);
  assertEquals(trouble, []);
});

browserTest(
  "a history is drawn as its table says, with its change where it is",
  1,
  async (opened) => {
    const { page, trouble } = opened;
    const figures = page.locator("#history figure");
    assertEquals(await figures.count(), 4);
    const first = figures.first();
    await first.locator("summary").click();
    const table = await first.locator("tbody tr").evaluateAll((rows) =>
      rows.map((row) => [
        row.querySelector("th")?.textContent,
        Number(row.querySelector<HTMLElement>("td.n")?.dataset.value),
        row.lastElementChild?.textContent,
      ])
    );
    const dots = await first.locator("circle").evaluateAll((all) =>
      all.map((dot) => {
        const { left, top } = dot.getBoundingClientRect();
        return { run: dot.getAttribute("data-run") ?? undefined, left, top };
      })
    );
    assertEquals(table.map(([run]) => run), dots.map(({ run }) => run));
    assertEquals(table.map(([, , change]) => change).filter((text) => text !== ""), [
      "step: regressed",
    ]);
    assertEquals(table[10]?.[2], "step: regressed");
    // Left to right as the nights went, and higher up where the value is larger.
    const heights = dots.map(({ top }) => -top);
    const values = table.map(([, value]) => Number(value));
    const order = (numbers: readonly number[]) =>
      [...numbers.keys()].toSorted((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0) || a - b);
    const spread = Math.max(...values) - Math.min(...values);
    const height = Math.max(...heights) - Math.min(...heights);
    for (const at of order(values)) {
      const place = ((heights[at] ?? 0) - Math.min(...heights)) / height;
      const value = ((values[at] ?? 0) - Math.min(...values)) / spread;
      assert(Math.abs(place - value) < 0.01, `${at}: ${place} ${value}`);
    }
    const lefts = dots.map(({ left }) => left);
    assertEquals(order(lefts), [...lefts.keys()]);
    const change = await first.locator(".change.regressed line").boundingBox();
    assert(change !== null && change.x > (lefts[9] ?? 0) && change.x < (lefts[10] ?? 0) + 4);
    assertEquals(trouble, []);
  },
);

browserTest("the verdicts of two runs are drawn as their table says", 2, async (opened) => {
  const { page, trouble } = opened;
  const section = page.locator("#verdicts");
  assertEquals(await section.locator("svg.strip").count(), 3);
  await section.locator("figure summary").click();
  const ratios = await section.locator("tbody td[data-value]").evaluateAll((cells) =>
    cells.map((cell) => Number((cell as HTMLElement).dataset.value))
  );
  const places = await section.locator("svg.strip").evaluateAll((all) =>
    all.map((strip) => {
      const zero = strip.querySelector(".zero")?.getBoundingClientRect();
      const dot = strip.querySelector("circle")?.getBoundingClientRect();
      const { left } = strip.getBoundingClientRect();
      const middle = (dot?.left ?? 0) + (dot?.width ?? 0) / 2;
      return (middle - left) / ((zero?.left ?? 0) - left);
    })
  );
  assertEquals(ratios.length, 3);
  for (const [i, ratio] of ratios.entries()) {
    assert(Math.abs((places[i] ?? 0) - ratio) < 0.02, `${places} ${ratios}`);
  }
  assertEquals(trouble, []);
});

browserTest("the keyboard reaches every control, and one sees where it is", 1, async (opened) => {
  const { page, trouble } = opened;
  const reachable = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>("a[href], summary, [tabindex='0']");
    const shown = [...all].filter((one) => one.checkVisibility());
    for (const [i, one] of shown.entries()) one.dataset.control = String(i);
    return shown.length;
  });
  assert(reachable > 20, String(reachable));
  const reached: string[] = [];
  for (let i = 0; i < reachable; i++) {
    await page.keyboard.press("Tab");
    const [control, outline] = await page.evaluate(() => {
      const { activeElement } = document;
      if (!(activeElement instanceof HTMLElement)) return ["", ""];
      return [activeElement.dataset.control ?? "", getComputedStyle(activeElement).outlineStyle];
    });
    reached.push(control ?? "");
    assertNotEquals(outline, "none");
  }
  assertEquals(reached, Array.from({ length: reachable }, (_, i) => String(i)));
  assertEquals(trouble, []);
});

browserTest(
  "nothing sticks out of a narrow window, and what is printed is open",
  2,
  async (opened) => {
    const { page, trouble } = opened;
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForFunction(() => (document.querySelector("canvas")?.clientWidth ?? 999) < 360);
    assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    const closed = () => page.locator("details:not([open])").count();
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assertEquals(await closed(), 0);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assertEquals(await page.locator(".timeline-case[open]").count(), 1);
    assertEquals(trouble, []);
  },
);

browserTest(
  "what is printed fits the paper, dark on white, and is as before afterwards",
  2,
  async (opened) => {
    const { page, trouble } = opened;
    await page.emulateMedia({ colorScheme: "dark" });
    const look = () =>
      page.evaluate(() => ({
        text: getComputedStyle(document.documentElement).getPropertyValue("--text").trim(),
        widths: [...document.querySelectorAll("canvas")].map((one) => one.clientWidth),
      }));
    const before = await look();
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    // A4 with Chromium's own margins.
    await page.setViewportSize({ width: 718, height: 1000 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    // Charts follow the width of the page in its next frames, one by one.
    await page.waitForFunction(() =>
      [...document.querySelectorAll("canvas")].every(({ clientWidth }) => clientWidth <= 718)
    );
    const printed = await look();
    assertEquals(printed.text, "#14140f");
    assert(printed.widths.length > before.widths.length, String(printed.widths));
    assert(printed.widths.every((width) => width > 0 && width <= 718), String(printed.widths));
    assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), 718);
    await page.setViewportSize({ width: 1200, height: 800 });
    await page.emulateMedia({ media: "screen", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assertNotEquals(before.text, printed.text);
    await page.waitForFunction(
      (width) => document.querySelector("canvas")?.clientWidth === width,
      before.widths[0],
    );
    assertEquals((await look()).text, before.text);
    assertEquals(trouble, []);
  },
);

browserTest("of many timelines those are printed that are open", 1, async ({ page, trouble }) => {
  await page.evaluate(() => {
    const [open, closed] = document.querySelectorAll(".timeline-case");
    for (let i = 0; i < 9; i++) closed?.after(closed.cloneNode(true));
    return open;
  });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assertEquals(await page.locator(".timeline-case[open]").count(), 1);
  assertEquals(await page.locator("main details:not(.timeline-case):not([open])").count(), 0);
  await page.emulateMedia({ media: "print" });
  assertEquals(await page.locator(".timeline-case > summary:visible").count(), 1);
  assertEquals(trouble, []);
});

browserTest("labels of an axis do not cover each other, wide and narrow", 2, async (opened) => {
  const { page, trouble } = opened;
  for (const width of [1200, 360]) {
    await page.setViewportSize({ width, height: 800 });
    const covered = await page.evaluate(() =>
      [...document.querySelectorAll("svg")].flatMap((svg) => {
        const texts = [...svg.querySelectorAll(":scope > .tick.x > text")]
          .filter((one) => one.checkVisibility());
        const boxes = texts.map((one) => one.getBoundingClientRect());
        return boxes.flatMap((box, i) => {
          const next = boxes[i + 1];
          return next !== undefined && box.right > next.left
            ? [`${texts[i]?.textContent} ${texts[i + 1]?.textContent}`]
            : [];
        });
      })
    );
    assertEquals(covered, [], String(width));
  }
  assertEquals(trouble, []);
});

browserTest("light and dark, every text can be read", 1, async ({ page, trouble }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const ratios = await page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      const luminance = (property: string) => {
        const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
          const part = parseInt(style.getPropertyValue(property).trim().slice(at, at + 2), 16) /
            255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const page = luminance("--page");
      const ratio = (property: string) => {
        const [dark = 0, light = 0] = [page, luminance(property)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
      };
      const series = Array.from({ length: 10 }, (_, i) => ratio(`--s${i}`));
      return { texts: ["--text", "--muted", "--accent", "--bad"].map(ratio), series };
    });
    // WCAG: 4.5 for texts, 3 for what a chart is made of.
    assert(ratios.texts.every((ratio) => ratio >= 4.5), `${colorScheme} ${ratios.texts}`);
    assert(ratios.series.every((ratio) => ratio >= 3), `${colorScheme} ${ratios.series}`);
  }
  assertEquals(trouble, []);
});

browserTest(
  "hostile names stay text, also where the script writes them",
  "hostile",
  async (opened) => {
    const { page, trouble } = opened;
    page.on("dialog", (dialog) => {
      trouble.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assertEquals(await page.locator("img, main script").count(), 0);
    const marks = await page.locator(".timeline table").nth(2).locator("td").allInnerTexts();
    assert(marks[3]?.startsWith("</script><script>alert(1)"), String(marks));
    assertEquals(trouble, []);
  },
);
