import type { Accel } from "./accel.ts";

/** A folder of the host that the guest can mount by its tag. */
export interface Share {
  readonly tag: string;
  readonly path: string;
  readonly readonly: boolean;
}

/** What QEMU is to run. */
export interface GuestMachine {
  readonly kernel: string;
  readonly initramfs: string;
  readonly memory_bytes: number;
  readonly accel: Accel;
  readonly shares: readonly Share[];
  /** Where the guest's kernel and first process write what they say. */
  readonly console: string;
}

const MIB = 1024 * 1024;
/** Ports of the virtio console, by name, and the host's file that each writes to. */
const PORTS = { stdout: "/dev/fd/1", stderr: "/dev/fd/2" } as const;

/**
 * QEMU's command line: no network, no disk, folders of the host through virtio-9p, and the command's output on its
 * own stdout and stderr.
 */
export function qemuArguments(machine: GuestMachine): string[] {
  const { kernel, initramfs, memory_bytes, accel, shares } = machine;
  const tcg = "tcg,thread=multi";
  // QEMU's emulation may let one processor run into a breakpoint that another sets for a moment to change the
  // kernel's code, which it does most while it boots. So it boots with one, and guest.sh brings the other.
  const boot = accel === "tcg" ? " maxcpus=1" : "";
  return [
    ...["-machine", "q35", "-accel", accel === "tcg" ? tcg : accel],
    ...[
      "-cpu",
      accel === "tcg" ? "max" : "host",
      "-smp",
      "2",
      "-m",
      `${Math.ceil(memory_bytes / MIB)}`,
    ],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-kernel", kernel, "-initrd", initramfs],
    ...[
      "-append",
      `console=ttyS0 panic=-1 oops=panic loglevel=4 mitigations=off nokaslr rdinit=/init${boot}`,
    ],
    ...["-chardev", `file,id=console,path=${comma(machine.console)}`, "-serial", "chardev:console"],
    ...["-device", "virtio-serial-pci"],
    ...Object.entries(PORTS).flatMap(([name, path], index) => [
      ...["-chardev", `file,id=${name},path=${path}`],
      ...["-device", `virtserialport,chardev=${name},name=${name},nr=${index + 1}`],
    ]),
    ...["-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng"],
    ...shares.flatMap(({ tag, path, readonly }) => [
      "-fsdev",
      `local,id=${tag},path=${comma(path)},security_model=none,multidevs=remap${
        readonly ? ",readonly=on" : ""
      }`,
      "-device",
      `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
    ]),
  ];
}

/** QEMU's options are lists with commas; a doubled one is a comma. */
function comma(path: string): string {
  return path.replaceAll(",", ",,");
}
