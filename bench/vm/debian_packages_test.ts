import { assertEquals } from "@std/assert";
import {
  type DebianPackage,
  parsePackages,
  resolveKernel,
  sourcePackage,
} from "./debian_packages.ts";

const META = `Package: linux-image-amd64
Source: linux-signed-amd64 (7.3.4+1~bpo13+1)
Version: 7.3.4-1~bpo13+1
Installed-Size: 14
Depends: linux-base-amd64 (= 7.3.4-1~bpo13+1), linux-image-7.3.4+deb13-amd64 (= 7.3.4-1~bpo13+1)
Description: Linux for 64-bit PCs (meta-package)
 Depends: on nothing, this line is a description
Size: 1484
`;

const SPLIT = `Package: linux-image-7.3.4+deb13-amd64
Version: 7.3.4-1~bpo13+1
Depends: dracut | initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool, linux-base-7.3.4+deb13-amd64 (= 7.3.4-1~bpo13+1), linux-binary-7.3.4+deb13-amd64 (= 7.3.4-1~bpo13+1), linux-modules-7.3.4+deb13-amd64 (= 7.3.4-1~bpo13+1)
`;

const WHOLE = `Package: linux-image-6.12.107+deb13-amd64
Version: 6.12.107-1
Depends: kmod, linux-base (>= 4.3~), initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool
`;

function one(text: string): DebianPackage {
  const [found] = parsePackages(text);
  if (found === undefined) throw new Error("Cannot read the test's own package");
  return found;
}

function showing(...texts: string[]) {
  const all = texts.flatMap(parsePackages);
  return (name: string, version: string) =>
    Promise.resolve(all.find((each) => each.name === name && each.version === version));
}

Deno.test("parsePackages reads stanzas, exact versions and first alternatives", () => {
  assertEquals(parsePackages(`${META}\n${SPLIT}`).map(({ name }) => name), [
    "linux-image-amd64",
    "linux-image-7.3.4+deb13-amd64",
  ]);
  assertEquals(one(META).depends[0], { name: "linux-base-amd64", version: "7.3.4-1~bpo13+1" });
  assertEquals(one(SPLIT).depends[0], { name: "dracut" });
  assertEquals(one("Package: a\nVersion: 1\nDepends: b:any (>= 2) [amd64]\n").depends, [
    { name: "b" },
  ]);
});

Deno.test("parsePackages finds nothing in nothing, and nothing in half a stanza", () => {
  assertEquals(parsePackages(""), []);
  assertEquals(parsePackages("N: Unable to locate package\n"), []);
  assertEquals(parsePackages("Package: a\n"), []);
});

Deno.test("resolveKernel follows the metapackage to a kernel in several packages", async () => {
  assertEquals(await resolveKernel(one(META), showing(SPLIT)), {
    release: "7.3.4+deb13-amd64",
    version: "7.3.4-1~bpo13+1",
    binary: [
      "linux-image-7.3.4+deb13-amd64",
      "linux-base-7.3.4+deb13-amd64",
      "linux-binary-7.3.4+deb13-amd64",
      "linux-modules-7.3.4+deb13-amd64",
      "linux-headers-7.3.4+deb13-amd64",
    ],
  });
});

Deno.test("resolveKernel takes a kernel that is one package", async () => {
  const meta = one(
    "Package: linux-image-amd64\nVersion: 6.12.107-1\nDepends: linux-image-6.12.107+deb13-amd64 (= 6.12.107-1)\n",
  );
  assertEquals(await resolveKernel(meta, showing(WHOLE)), {
    release: "6.12.107+deb13-amd64",
    version: "6.12.107-1",
    binary: ["linux-image-6.12.107+deb13-amd64", "linux-headers-6.12.107+deb13-amd64"],
  });
});

Deno.test("resolveKernel says where the metapackage leads nowhere", async () => {
  assertEquals(
    await resolveKernel(one(META), showing()),
    "linux-image-7.3.4+deb13-amd64 7.3.4-1~bpo13+1 is not among the packages",
  );
  assertEquals(
    await resolveKernel(one("Package: linux-image-amd64\nVersion: 1\n"), showing()),
    "linux-image-amd64 1 depends on no kernel image",
  );
});

Deno.test("sourcePackage names the series", () => {
  assertEquals(sourcePackage("7.3.4-1~bpo13+1"), "linux-source-7.3");
  assertEquals(sourcePackage("6.12.107-1"), "linux-source-6.12");
  assertEquals(sourcePackage("1:7.10~rc3-1~exp1"), "linux-source-7.10");
  assertEquals(sourcePackage("sid"), undefined);
});
