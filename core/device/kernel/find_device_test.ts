import { assertEquals, assertThrows } from "@std/assert";
import { DeviceError } from "./device_error.ts";
import { findDevice } from "./find_device.ts";
import { inTree, type TreeDevice } from "./testdata/host_tree.ts";

const VF: TreeDevice = {
  name: "0000:3b:00.2",
  bus: "pci",
  driver: "mlx5_vfio_pci",
  group: 45,
  cdev: "vfio0",
};
const DEVICES: readonly TreeDevice[] = [
  VF,
  { name: "0000:3b:00.3", bus: "pci", driver: "mlx5_core", group: 45 },
  { name: "0000:3b:00.4", bus: "pci", driver: "mlx5_core", group: 46 },
  { name: "migdev.0", bus: "platform", driver: "migdev", group: 7, cdev: "vfio3" },
  { name: "two", bus: "mdev", driver: "mtty", group: 8, cdev: "vfio4" },
  { name: "three", bus: "mdev", driver: "mtty", group: 8, cdev: "vfio5" },
  { name: "serial8250", bus: "platform", driver: "serial8250" },
];
const WITH_CDEV = { "/dev/iommu": "", "/dev/vfio/devices/vfio0": "" };

function found(root: string, given: string): [name: string, way: string] {
  const { name, way } = findDevice(given, root);
  return [name, way];
}

Deno.test("a device is named by its file, its group, its address or its name", () => {
  inTree({ devices: DEVICES, files: WITH_CDEV }, (root) => {
    for (const given of ["/dev/vfio/devices/vfio0", "vfio0", VF.name, "3b:00.2"]) {
      assertEquals(found(root, given), [VF.name, "cdev"]);
    }
    // The other device of the group has another driver: VFIO's is meant.
    assertEquals(found(root, "/dev/vfio/45"), [VF.name, "group"]);
    assertEquals(found(root, "/sys/bus/platform/devices/migdev.0"), ["migdev.0", "group"]);
  });
});

Deno.test("without /dev/iommu or the device's file a name is opened by its group", () => {
  inTree({ devices: DEVICES, files: { "/dev/vfio/devices/vfio0": "" } }, (root) => {
    assertEquals(found(root, VF.name), [VF.name, "group"]);
  });
  inTree({ devices: DEVICES, files: { "/dev/iommu": "" } }, (root) => {
    assertEquals(found(root, VF.name), [VF.name, "group"]);
  });
});

Deno.test("what is no VFIO device is refused in one line that says why", () => {
  const WHY: readonly [given: string, why: string][] = [
    ["/dev/null", "expected /dev/vfio/devices/vfioN or /dev/vfio/N"],
    ["vfio9", "the kernel has no vfio9"],
    ["/dev/vfio/99", "the kernel has no such IOMMU group"],
    ["/dev/vfio/8", "it has three, two; name one of them"],
    ["0000:00:1f.0", "no bus in /sys has it"],
    ["serial8250", "it is bound to serial8250, which is no VFIO driver"],
    ["0000:3b:00.3", "it is bound to mlx5_core, which is no VFIO driver"],
    ["/dev/vfio/46", "no VFIO driver has 0000:3b:00.4"],
    ["", "no bus in /sys has it"],
  ];
  inTree({ devices: DEVICES, files: WITH_CDEV }, (root) => {
    for (const [given, why] of WHY) {
      const error = assertThrows(() => findDevice(given, root), DeviceError, why);
      assertEquals([error.device, error.message.includes("\n")], [given, false]);
    }
  });
});
