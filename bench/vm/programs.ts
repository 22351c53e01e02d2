import { ProgramError, runProgram } from "./run_program.ts";
import { UsageError } from "../usage_error.ts";

/** What the host must have, by the Debian package that brings it. A path is a file that must be there. */
const RUNNING: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
};

const BUILDING: Readonly<Record<string, string>> = {
  "apt-get": "apt",
  "dpkg-deb": "dpkg",
  "tar": "tar",
  "xz": "xz-utils",
  "gcc": "gcc",
  "objcopy": "binutils",
  "make": "make",
  "flex": "flex",
  "bison": "bison",
  "bc": "bc",
  "perl": "perl-base",
  "/usr/include/gelf.h": "libelf-dev",
  "/usr/include/openssl/opensslv.h": "libssl-dev",
  "/usr/lib/x86_64-linux-gnu/libc.a": "libc6-dev",
};

/** Makes sure that the programs for one purpose are there: as root it installs what is missing. */
export async function needPrograms(
  purpose: "run" | "build",
  say: (line: string) => void,
): Promise<void> {
  const packages = await missingPackages(purpose === "run" ? RUNNING : BUILDING);
  if (packages.length === 0) return;
  const install = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  if (Deno.uid() !== 0) {
    throw new UsageError(
      `Cannot ${purpose} the guest without ${packages.join(", ")}: sudo ${install}`,
    );
  }
  say(`Installing ${packages.join(", ")} with apt-get`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const words = install.split(" ").slice(1);
  try {
    await runProgram("apt-get", words, { env }).catch(async (error) => {
      if (!(error instanceof ProgramError)) throw error;
      // The lists are old, or there are none yet.
      await runProgram("apt-get", ["update"], { env });
      await runProgram("apt-get", words, { env });
    });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new UsageError(`Cannot install ${packages.join(", ")}: ${error.message}`);
  }
}

async function missingPackages(needed: Readonly<Record<string, string>>): Promise<string[]> {
  const packages = new Set<string>();
  for (const [what, debianPackage] of Object.entries(needed)) {
    if (!await isThere(what)) packages.add(debianPackage);
  }
  return [...packages].sort();
}

/** A program on the PATH, or a file. */
async function isThere(what: string): Promise<boolean> {
  const path = Deno.env.get("PATH") ?? "/usr/bin:/bin";
  const candidates = what.startsWith("/") ? [what] : path.split(":").map((dir) => `${dir}/${what}`);
  for (const candidate of candidates) {
    if (await Deno.stat(candidate).then(({ isFile }) => isFile, () => false)) return true;
  }
  return false;
}

/** The guest is made of Debian's packages for x86-64, with its tools. */
export async function needDebian(): Promise<void> {
  const { os, arch } = Deno.build;
  const release = os === "linux" ? await Deno.readTextFile("/etc/os-release").catch(() => "") : "";
  const ids = /^ID(?:_LIKE)?=.*\bdebian\b/m.test(release);
  if (arch === "x86_64" && ids) return;
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? os;
  throw new UsageError(
    `Cannot build the guest on ${name} (${arch}): it is made with Debian's packages and tools, run it on Debian, x86-64`,
  );
}
