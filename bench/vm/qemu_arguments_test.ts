import { assertEquals, assertStringIncludes } from "@std/assert";
import { type GuestMachine, qemuArguments } from "./qemu_arguments.ts";

const MACHINE: GuestMachine = {
  kernel: "/k",
  initramfs: "/i",
  memory_bytes: 2 * 1024 ** 3,
  accel: "tcg",
  console: "/run,1/console",
  shares: [
    { tag: "root", path: "/", readonly: true },
    { tag: "results", path: "/a,b/results", readonly: false },
  ],
};

/** What stands behind every flag of a name. */
function values(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, index) => arg === flag ? [args[index + 1] ?? ""] : []);
}

Deno.test("qemuArguments: no network, and memory in MiB", () => {
  const args = qemuArguments(MACHINE);
  assertEquals(values(args, "-m"), ["2048"]);
  assertEquals(args.includes("-nodefaults"), true);
  assertEquals(args.filter((arg) => /netdev|-nic|-net\b/.test(arg)), []);
});

Deno.test("qemuArguments: the host's files cannot be written but where a share says so", () => {
  const [root = "", results = ""] = values(qemuArguments(MACHINE), "-fsdev");
  assertStringIncludes(root, "id=root,path=/,");
  assertStringIncludes(root, "readonly=on");
  assertEquals(results.includes("readonly"), false);
});

Deno.test("qemuArguments: a comma in a path is no end of an option", () => {
  const args = qemuArguments(MACHINE);
  assertStringIncludes(values(args, "-fsdev")[1] ?? "", "path=/a,,b/results,");
  assertStringIncludes(values(args, "-chardev")[0] ?? "", "path=/run,,1/console");
});

Deno.test("qemuArguments: emulation runs one thread for each processor, KVM the host's own", () => {
  assertEquals(values(qemuArguments(MACHINE), "-accel"), ["tcg,thread=multi"]);
  const kvm = qemuArguments({ ...MACHINE, accel: "kvm" });
  assertEquals([values(kvm, "-accel"), values(kvm, "-cpu")], [["kvm"], ["host"]]);
});
