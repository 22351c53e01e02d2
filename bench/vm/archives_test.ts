import { assertEquals } from "@std/assert";
import { formatSources, mainArchive, parseArchives } from "./archives.ts";

const URIS = `'http://mirror.example/debian/dists/bookworm/InRelease' mirror_bookworm_InRelease 0 
'http://mirror.example/debian/dists/bookworm-updates/InRelease' mirror_updates_InRelease 0 
'https://mirror.example/security/dists/bookworm-security/InRelease' security_InRelease 0 
'https://vendor.example/node/dists/nodistro/InRelease' vendor_InRelease 0 
`;

Deno.test("parseArchives takes address and suite out of every source", () => {
  assertEquals(parseArchives(URIS), [
    { base: "http://mirror.example/debian", suite: "bookworm" },
    { base: "http://mirror.example/debian", suite: "bookworm-updates" },
    { base: "https://mirror.example/security", suite: "bookworm-security" },
    { base: "https://vendor.example/node", suite: "nodistro" },
  ]);
  assertEquals(parseArchives("E: could not read sources\n"), []);
});

Deno.test("mainArchive is the one with the suite that runs here, or that moves", () => {
  const archives = parseArchives(URIS);
  assertEquals(mainArchive(archives, "bookworm")?.base, "http://mirror.example/debian");
  assertEquals(mainArchive(archives, "trixie"), undefined);
  assertEquals(mainArchive(archives, ""), undefined);
  const sid = { base: "http://mirror.example/debian", suite: "unstable" };
  assertEquals(mainArchive([...archives, sid], "forky"), sid);
});

Deno.test("formatSources is one stanza of apt's deb822 format", () => {
  assertEquals(
    formatSources("http://mirror.example/debian", ["a", "b"], "/keys.gpg"),
    "Types: deb\nURIs: http://mirror.example/debian\nSuites: a b\nComponents: main\nSigned-By: /keys.gpg\n",
  );
  assertEquals(formatSources("http://m", ["a"], undefined).includes("Signed-By"), false);
});
