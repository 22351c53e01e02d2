import { resolve } from "node:path";
import { EXIT } from "./exit_code.ts";
import { UsageError } from "./usage_error.ts";
import {
  cacheFolder,
  chooseAccel,
  GuestError,
  type GuestImage,
  guestImage,
  needPrograms,
  parseVmArguments,
  runGuest,
} from "./vm/mod.ts";

const HELP = `deno task vm [FLAGS] -- COMMAND [ARGUMENTS]

Runs COMMAND in a guest that has VFIO devices which migrate: a stock Debian kernel under QEMU, with this machine's
files and without its network. It starts in the project's folder; what it writes in results/ is there afterwards,
everything else that it writes is gone with the guest. stdout, stderr and the exit code are COMMAND's.

  --timeout TIME   end the guest after this long, for example 90s or 10m
  --memory SIZE    the guest's memory (2GiB)
  --cache DIR      where the guest is kept; else MIGBENCH_VM_CACHE or the user's cache folder
  --update         look for a newer kernel than the one in the cache
  --quiet, -q      do not say on stderr what is fetched and built

Exit: COMMAND's, 2 where no guest can be had, 4 where it did not come to its end, 124 after --timeout,
130 interrupted.`;

const TIMED_OUT = 124;
/** KVM boots it in two; what hangs, hangs for ever. */
const KVM_TRY_MS = 20_000;

/**
 * `deno task vm`: a command inside the guest.
 *
 * @param args What stands behind the command
 * @returns The exit code
 * @throws {UsageError} If the arguments cannot be taken, or no guest can be had
 */
export async function vmCommand(args: readonly string[]): Promise<number> {
  const given = parseVmArguments(args);
  if (given.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  if (given.command.length === 0) {
    throw new UsageError("Cannot run nothing in the guest: expected a command, --help says how");
  }
  const folder = cache(given.cache);
  const say = (line: string) => {
    if (!given.quiet) console.error(`vm: ${line}`);
  };
  await needPrograms("run", say);
  const image = await guestImage(folder, given.update, say);
  const ending = new AbortController();
  const interrupt = () => ending.abort(EXIT.INTERRUPTED);
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const accel = await chooseAccel(folder, () => boots(image, say, ending.signal));
    if (given.timeout_ms !== undefined) {
      timer = setTimeout(() => ending.abort(TIMED_OUT), given.timeout_ms);
    }
    return await runGuest({
      image,
      command: given.command,
      memory_bytes: given.memory_bytes,
      accel,
      signal: ending.signal,
      env: Deno.env.toObject(),
      output: "passed on",
    });
  } catch (error) {
    if (ending.signal.aborted) {
      const code: number = ending.signal.reason;
      if (code === TIMED_OUT) console.error("vm: The guest was ended: its time was over");
      return code;
    }
    if (error instanceof GuestError) {
      console.error(error.message);
      return EXIT.TRIAL_FAILED;
    }
    throw error;
  } finally {
    clearTimeout(timer);
    Deno.removeSignalListener("SIGINT", interrupt);
    Deno.removeSignalListener("SIGTERM", interrupt);
  }
}

/** The cache's folder, as make takes it. */
function cache(given: string | undefined): string {
  const named = cacheFolder(given, (name) => Deno.env.get(name));
  if (named === undefined) {
    throw new UsageError("Cannot keep the guest: there is no HOME, name a folder with --cache");
  }
  const folder = resolve(named);
  if (/^[\w@%+=,./~-]+$/.test(folder)) return folder;
  throw new UsageError(
    `Cannot keep the guest in ${folder}: make takes no such path, name another with --cache`,
  );
}

/** Whether a guest comes up with KVM, and to its end. */
async function boots(
  image: GuestImage,
  say: (line: string) => void,
  interrupted: AbortSignal,
): Promise<boolean> {
  say(
    `There is a /dev/kvm: trying it for ${
      KVM_TRY_MS / 1_000
    } s at most, once until this machine is booted anew`,
  );
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(KVM_TRY_MS)]);
  try {
    const code = await runGuest({
      image,
      command: ["true"],
      memory_bytes: 1024 * 1024 * 1024,
      accel: "kvm",
      signal,
      env: {},
      output: "dropped",
    });
    say("  it works");
    return code === EXIT.FINE;
  } catch (error) {
    interrupted.throwIfAborted();
    if (!(error instanceof GuestError) && !signal.aborted) throw error;
    say("  it does not work: the guest runs in emulation");
    return false;
  }
}
