import { build, type Plugin, stop } from "esbuild";
import uplotScript from "uplot/dist/uPlot.esm.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import ownStyle from "./style.css" with { type: "text" };

/** What the page carries of its own: no text of a run is in it. */
export interface Bundle {
  readonly script: string;
  readonly style: string;
}

/**
 * uPlot comes as text from where the import map says: esbuild knows neither the map nor the place where npm packages are
 * kept.
 */
const uplot: Plugin = {
  name: "uplot",
  setup(build) {
    build.onResolve({ filter: /^uplot$/ }, ({ path }) => ({ path, namespace: "npm" }));
    build.onLoad({ filter: /^uplot$/, namespace: "npm" }, () => ({
      contents: uplotScript,
      loader: "js",
    }));
  },
};

/**
 * Makes the page's script and style sheet of their sources, each time anew: it takes a few tens of milliseconds, once a report,
 * and nothing has to be kept in step. The same sources give the same bytes. esbuild runs as a process of its own
 * (`--allow-run`), which has ended when this returns.
 */
export async function bundle(): Promise<Bundle> {
  const common = {
    write: false,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: decodeURIComponent(new URL(".", import.meta.url).pathname),
    // What is told of the sources by no setting of the machine it runs on.
    tsconfigRaw: "{}",
  } as const;
  try {
    const script = await build({
      ...common,
      entryPoints: ["browser/main.ts"],
      bundle: true,
      format: "iife",
      target: "es2022",
      plugins: [uplot],
    });
    const style = await build({
      ...common,
      stdin: { contents: `${uplotStyle}\n${ownStyle}`, loader: "css" },
    });
    return { script: textOf(script.outputFiles), style: textOf(style.outputFiles) };
  } finally {
    await stop();
  }
}

function textOf(files: readonly { readonly text: string }[]): string {
  return (files[0]?.text ?? "").trim();
}
