/** A place that packages come from: what a line of apt's sources says. */
export interface Archive {
  /** Its address up to and without `dists/`. */
  readonly base: string;
  /** The suite or codename, for example `bookworm` or `bookworm-updates`. */
  readonly suite: string;
}

/**
 * The archives that apt is set up with, read from what `apt-get update --print-uris` prints: lines of
 * `'BASE/dists/SUITE/InRelease' FILE SIZE`. That works before there are any lists, and for every way of writing
 * sources.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseArchives } from "./archives.ts";
 *
 * assertEquals(
 *   parseArchives("'http://mirror.example/debian/dists/bookworm/InRelease' x_InRelease 0 \n"),
 *   [{ base: "http://mirror.example/debian", suite: "bookworm" }],
 * );
 * ```
 */
export function parseArchives(text: string): Archive[] {
  const archives: Archive[] = [];
  for (const [, base = "", suite = ""] of text.matchAll(/^'(.+?)\/+dists\/(.+)\/InRelease'/gm)) {
    archives.push({ base, suite });
  }
  return archives;
}

/**
 * The archive of the distribution itself, among others (security, vendors'): the one that has the suite this
 * machine runs, under its codename or as a moving name.
 */
export function mainArchive(
  archives: readonly Archive[],
  codename: string,
): Archive | undefined {
  const moving = ["stable", "testing", "unstable", "sid"];
  return archives.find(({ suite }) => suite === codename) ??
    archives.find(({ suite }) => moving.includes(suite));
}

/** Sources for apt, in its deb822 format. */
export function formatSources(
  base: string,
  suites: readonly string[],
  keyring: string | undefined,
): string {
  const lines = ["Types: deb", `URIs: ${base}`, `Suites: ${suites.join(" ")}`, "Components: main"];
  if (keyring !== undefined) lines.push(`Signed-By: ${keyring}`);
  return `${lines.join("\n")}\n`;
}
