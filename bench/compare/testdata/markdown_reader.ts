/** Where Debian has GitHub's own Markdown (`apt-get install cmark-gfm`). */
export const CMARK_GFM = "/usr/bin/cmark-gfm";

/** What GitHub makes of a text. HTML in it is left as it is, as GitHub leaves what it allows. */
export async function markdownToHtml(text: string): Promise<string> {
  const child = new Deno.Command(CMARK_GFM, {
    args: [
      "--unsafe",
      "--extension",
      "table",
      "--extension",
      "autolink",
      "--extension",
      "strikethrough",
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`Cannot read the Markdown with ${CMARK_GFM}`);
  return new TextDecoder().decode(stdout);
}

/** The texts of the cells of every table's body. */
export function tablesOf(html: string): string[][][] {
  return [...html.matchAll(/<tbody>(.*?)<\/tbody>/gs)].map(([, body = ""]) =>
    [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
      [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = ""]) => textOf(cell))
    )
  );
}

/** The texts as a table shows them: without spaces at the ends. */
export function plainCells(cells: readonly string[]): string[] {
  return cells.map((cell) => cell.trim());
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

function textOf(html: string): string {
  return html.replaceAll(/<\/?(code|strong)>/g, "")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll(/&(amp|lt|gt|quot);/g, (found, name) => NAMED[name] ?? found)
    .trim();
}
