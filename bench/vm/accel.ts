/** What QEMU runs the guest with. */
export type Accel = "tcg" | "kvm";

/**
 * Whether this machine's KVM can be used: only a guest that came up with it proves that (there are machines where
 * /dev/kvm opens and a guest hangs in its first instruction). The answer is kept until the machine is booted anew.
 *
 * @param cache The cache's folder
 * @param boots Boots a guest with KVM and says whether it came to its end in time
 */
export async function chooseAccel(cache: string, boots: () => Promise<boolean>): Promise<Accel> {
  if (!await opens("/dev/kvm")) return "tcg";
  const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
  const path = `${cache}/accel.json`;
  const known = parseAnswer(await Deno.readTextFile(path).catch(() => ""), boot);
  if (known !== undefined) return known;
  const accel = await boots() ? "kvm" : "tcg";
  const part = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(part, JSON.stringify({ boot, accel }));
  await Deno.rename(part, path);
  return accel;
}

/** The answer that was kept, if it is one of this boot. */
export function parseAnswer(text: string, boot: string): Accel | undefined {
  try {
    const { boot: kept, accel } = JSON.parse(text);
    return kept === boot && (accel === "kvm" || accel === "tcg") ? accel : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function opens(path: string): Promise<boolean> {
  try {
    (await Deno.open(path, { read: true, write: true })).close();
    return true;
  } catch {
    return false;
  }
}
