import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { inTree, type Tree } from "../core/device/kernel/testdata/host_tree.ts";
import type { Probe } from "./doctor/mod.ts";
import { doctorCommand } from "./doctor_command.ts";
import { EXIT } from "./exit_code.ts";
import { UsageError } from "./usage_error.ts";

const CAN: Probe = {
  abilities: {
    stop_copy: true,
    p2p: false,
    pre_copy: true,
    precopy_info_v2: false,
    dma_logging: false,
    reset: true,
    stop_copy_length_bytes: 96,
  },
};
const DENIED: Probe = { call: "open /dev/vfio/4", errno: "EACCES", message: "" };
const MDEV: Tree = {
  devices: [{ name: "mdev0", bus: "mdev", driver: "mtty", group: 4, cdev: "vfio1" }],
  files: { "/dev/vfio/vfio": "" },
};

/** What the command prints and how it ends, on a made-up host. */
async function run(tree: Tree, probe: Probe, args: string[] = []) {
  const out: string[] = [];
  const err: string[] = [];
  const { log, error } = console;
  console.log = (text: string) => out.push(text);
  console.error = (text: string) => err.push(text);
  let code = Promise.resolve<number>(EXIT.TRIAL_FAILED);
  try {
    inTree(tree, (root) => code = doctorCommand(args, { root, probe: () => probe }));
  } finally {
    Object.assign(console, { log, error });
  }
  return { code: await code, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("a device that can be used makes it exit 0; --json is one document", async () => {
  const plain = await run(MDEV, CAN);
  assertEquals([plain.code, plain.err], [EXIT.FINE, ""]);
  assertMatch(plain.out, /mdev0 \(mdev\), mtty, IOMMU group 4/);
  const { code, out } = await run(MDEV, CAN, ["--json"]);
  const { schema, devices } = JSON.parse(out);
  assertEquals([code, schema, devices.length], [EXIT.FINE, "vfio-migbench/doctor@1", 1]);
});

Deno.test("without VFIO, or without permission, one line says what to do, and the exit is 2", async () => {
  const without = await run({}, CAN);
  assertEquals(without, {
    code: EXIT.USAGE,
    out: "",
    err:
      "Cannot use any VFIO device here: this kernel has no VFIO, or it is not loaded; sudo modprobe vfio-pci",
  });
  const denied = await run(MDEV, DENIED);
  assertEquals([denied.code, denied.err], [
    EXIT.USAGE,
    "Cannot use any VFIO device here: mdev0: open /dev/vfio/4 gave EACCES; sudo chown $USER /dev/vfio/4",
  ]);
});

Deno.test("what it does not take is refused", () => {
  assertThrows(() => doctorCommand(["vfio0"]), UsageError, "looks at the whole host");
  assertThrows(() => doctorCommand(["--jsno"]), UsageError, "--json");
});
