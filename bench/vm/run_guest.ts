import type { Accel } from "./accel.ts";
import { MTTY_UUIDS, PROJECT_DIR, VM_DIR } from "./fixtures.ts";
import type { GuestImage } from "./guest_image.ts";
import { kernelComplaint, lastWords } from "./kernel_complaint.ts";
import { qemuArguments } from "./qemu_arguments.ts";
import { shellQuote } from "./shell_quote.ts";

/** A command and the guest it runs in. */
export interface GuestRun {
  readonly image: GuestImage;
  readonly command: readonly string[];
  readonly memory_bytes: number;
  readonly accel: Accel;
  /** Ends the guest; its reason is passed on. */
  readonly signal: AbortSignal;
  /** The command's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its output goes: this process's stdout and stderr, or nowhere. */
  readonly output: "passed on" | "dropped";
}

/** A guest that did not come to its end. */
export class GuestError extends Error {
  override name = "GuestError";
  /** Whether the command had been started. */
  readonly started: boolean;

  constructor(message: string, started: boolean) {
    super(message);
    this.started = started;
  }
}

/** How often a guest is booted that does not get to the command: emulation crashes a kernel now and then. */
const BOOTS = 3;

/**
 * Boots a guest, runs a command in it and passes on what it writes.
 *
 * @returns The command's exit code
 * @throws {GuestError} If the guest ended before the command did
 */
export async function runGuest(run: GuestRun): Promise<number> {
  for (let boot = 1;; boot++) {
    try {
      return await bootOnce(run);
    } catch (error) {
      const again = error instanceof GuestError && !error.started && run.accel === "tcg";
      if (!again || boot === BOOTS) throw error;
      console.error("vm: The guest crashed before the command was started: booting it anew");
    }
  }
}

async function bootOnce(run: GuestRun): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "vfio-migbench-vm-" });
  try {
    await Deno.copyFile(`${VM_DIR}/guest.sh`, `${folder}/guest.sh`);
    await Deno.writeTextFile(`${folder}/settings.sh`, settingsScript());
    await Deno.writeTextFile(`${folder}/command.sh`, commandScript(run.command, run.env));
    const results = `${PROJECT_DIR}/results`;
    await Deno.mkdir(results, { recursive: true });
    const args = qemuArguments({
      kernel: run.image.kernel,
      initramfs: run.image.initramfs,
      memory_bytes: run.memory_bytes,
      accel: run.accel,
      console: `${folder}/console`,
      shares: [
        { tag: "root", path: "/", readonly: true },
        { tag: "run", path: folder, readonly: false },
        { tag: "results", path: results, readonly: false },
      ],
    });
    await runQemu(args, run);
    run.signal.throwIfAborted();
    return await exitCode(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The code that the guest left. Where its kernel had something to complain about, that is said too. */
async function exitCode(folder: string): Promise<number> {
  const text = await Deno.readTextFile(`${folder}/exit_code`).catch(() => "");
  const console = await Deno.readTextFile(`${folder}/console`).catch(() => "");
  if (!/^\d+\n$/.test(text)) {
    const started = await Deno.stat(`${folder}/up`).then(() => true, () => false);
    throw new GuestError(
      `Cannot run the command: the guest ended before ${
        started ? "it did" : "it was started"
      }. It said:\n${indented(lastWords(console))}`,
      started,
    );
  }
  const complaint = kernelComplaint(console);
  if (complaint.length > 0) {
    globalThis.console.error(`vm: The guest's kernel complained:\n${indented(complaint)}`);
  }
  return Number(text);
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}

async function runQemu(args: readonly string[], run: GuestRun): Promise<void> {
  const { signal, output } = run;
  // Ctrl-C reaches every process of the terminal's group: QEMU is in none, so that it is this process that ends it;
  // and where this process is ended without a word, the kernel ends QEMU.
  const qemu = new Deno.Command("setpriv", {
    args: ["--pdeathsig", "KILL", "--", "qemu-system-x86_64", ...args],
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = () => qemu.kill("SIGKILL");
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    await Promise.all([
      qemu.stdout.pipeTo(sink(output, Deno.stdout), { preventClose: true }),
      qemu.stderr.pipeTo(sink(output, Deno.stderr), { preventClose: true }),
      qemu.status,
    ]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function sink(
  output: GuestRun["output"],
  to: { readonly writable: WritableStream<Uint8Array<ArrayBufferLike>> },
): WritableStream<Uint8Array<ArrayBufferLike>> {
  return output === "passed on" ? to.writable : new WritableStream();
}

/** What guest.sh needs to know of the host. */
function settingsScript(): string {
  const settings = {
    VM_RESULTS: `${PROJECT_DIR}/results`,
    VM_DENO: Deno.execPath(),
    VM_MTTY_UUIDS: MTTY_UUIDS.join(" "),
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${shellQuote(value)}\n`).join("");
}

/**
 * The script that is the command: its environment, its folder, its words.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { commandScript } from "./run_guest.ts";
 *
 * assertStringIncludes(commandScript(["echo", "a b"], { HOME: "/root" }), "exec echo 'a b'");
 * ```
 */
export function commandScript(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): string {
  const exports = Object.entries(env)
    // What is no name for a shell (exported functions of bash) cannot be set by one.
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return [
    ...exports,
    // Before the rest: the Deno that runs this is the one that runs there.
    'PATH="/run/vm-bin:$PATH"',
    `cd ${shellQuote(PROJECT_DIR)} || exit 1`,
    `exec ${command.map(shellQuote).join(" ")}`,
    "",
  ].join("\n");
}
