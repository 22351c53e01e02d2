import { assert } from "@std/assert";
import { CHROMIUM } from "./testdata/chromium.ts";

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const isIgnored = !isThere(CHROMIUM);

// Playwright looks into /proc, which Deno allows with --allow-all alone: its tests have a process of their own, so
// that all others go on without.
Deno.test({
  name: isIgnored
    ? `the page works in a browser (ignored: there is no ${CHROMIUM})`
    : "the page works in a browser",
  ignore: isIgnored,
  fn: async () => {
    const checks = decodeURIComponent(new URL("browser_checks.ts", import.meta.url).pathname);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--allow-all", "--no-check", checks],
      env: { NO_COLOR: "1" },
    }).output();
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
    assert(success, text);
  },
});
