import { type DebianPackage, parsePackages } from "./debian_packages.ts";
import { formatSources, mainArchive, parseArchives } from "./archives.ts";
import { ProgramError, runProgramText } from "./run_program.ts";
import { UsageError } from "../usage_error.ts";

/** apt over sources of our own: the system's lists, cache and packages stay as they are. */
export interface Apt {
  /** The version of a package that apt would take, or the one asked for. */
  show(name: string, version?: string): Promise<DebianPackage | undefined>;
  /** Downloads packages of one version into a folder, checked against the archive's signature. */
  download(names: readonly string[], version: string, into: string): Promise<void>;
}

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Fetches the lists of the suites that have newer kernels than the system's own: those of `stable-backports`
 * under both of its names, or of `stable` where there are no backports yet.
 *
 * @param folder Where apt keeps what it knows
 * @param metapackage What must be found there
 * @throws {UsageError} If apt is not set up with a Debian archive, or serves no such package
 */
export async function openApt(folder: string, metapackage: string): Promise<Apt> {
  const archive = await findArchive();
  const keyring = await exists(KEYRING) ? KEYRING : undefined;
  const open = async (name: string, suites: readonly string[]) => {
    const options = await privateOptions(
      `${folder}/${name}`,
      formatSources(archive, suites, keyring),
    );
    await runProgramText("apt-get", [...options, "update", "--error-on=any"]);
    return options;
  };
  const problems: string[] = [];
  const backports = "stable-backports";
  for (
    const suites of [
      // A mirror that is being updated serves a suite older under one name than under the other.
      async () => {
        const options = await open("stable", [backports]);
        const names = await runProgramText("apt-get", [
          ...options,
          "indextargets",
          "--format",
          "$(CODENAME)",
        ]);
        const codename = names.split("\n")[0]?.trim() ?? "";
        return codename === "" || codename === backports ? options : await open("codename", [
          backports,
          codename,
        ]);
      },
      () => open("stable", ["stable"]),
    ]
  ) {
    try {
      const apt = aptWith(await suites());
      if (await apt.show(metapackage) !== undefined) return apt;
      problems.push(`${metapackage} is not there`);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      problems.push(error.message);
    }
  }
  throw new UsageError(`Cannot fetch a kernel from ${archive}: ${problems.join("; ")}`);
}

function aptWith(options: readonly string[]): Apt {
  return {
    async show(name, version) {
      const item = version === undefined ? name : `${name}=${version}`;
      try {
        const text = await runProgramText("apt-cache", [
          ...options,
          "show",
          "--no-all-versions",
          item,
        ]);
        return parsePackages(text)[0];
      } catch (error) {
        if (error instanceof ProgramError && error.message.includes("No packages found")) return;
        throw error;
      }
    },
    async download(names, version, into) {
      const items = names.map((name) => `${name}=${version}`);
      await runProgramText("apt-get", [...options, "download", ...items], { cwd: into });
    },
  };
}

/** The address of the distribution's archive, as the system's apt has it. */
async function findArchive(): Promise<string> {
  const release = await Deno.readTextFile("/etc/os-release").catch(() => "");
  const codename = /^VERSION_CODENAME="?(\w+)/m.exec(release)?.[1] ?? "";
  const uris = await runProgramText("apt-get", ["update", "--print-uris"]);
  const archive = mainArchive(parseArchives(uris), codename);
  if (archive === undefined) {
    throw new UsageError(
      `Cannot fetch a kernel: apt has no source for "${codename}", add Debian's to its sources`,
    );
  }
  return archive.base;
}

/** What makes apt use a folder of ours, as an ordinary user too, and know of no installed package. */
async function privateOptions(folder: string, sources: string): Promise<string[]> {
  await Deno.mkdir(`${folder}/lists/partial`, { recursive: true });
  await Deno.mkdir(`${folder}/cache/archives/partial`, { recursive: true });
  await Deno.writeTextFile(`${folder}/debian.sources`, sources);
  return Object.entries({
    "Dir::State": folder,
    "Dir::State::lists": `${folder}/lists`,
    "Dir::State::status": "/dev/null",
    "Dir::Cache": `${folder}/cache`,
    "Dir::Etc::sourcelist": `${folder}/debian.sources`,
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "APT::Sandbox::User": "root",
    "APT::Update::Post-Invoke-Success": "",
    "Acquire::Languages": "none",
    "Acquire::Retries": "3",
  }).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
