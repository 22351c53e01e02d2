import { assertEquals } from "@std/assert";
import { deviceByName, devicesOfGroup, hasVfio, vfioDevices } from "./host_device.ts";
import { inTree, type TreeDevice } from "./testdata/host_tree.ts";

const VF: TreeDevice = {
  name: "0000:3b:00.2",
  bus: "pci",
  driver: "mlx5_vfio_pci",
  group: 45,
  cdev: "vfio0",
};
const MDEV: TreeDevice = {
  name: "83b8f4f2-509f-4e2a-8f2d-000000000001",
  bus: "mdev",
  driver: "mtty",
  group: 4,
  cdev: "vfio1",
};
const NIC: TreeDevice = { name: "0000:3b:00.3", bus: "pci", driver: "mlx5_core", group: 46 };

Deno.test("every device that VFIO has is found, with its bus, driver, group and file", () => {
  inTree({ devices: [MDEV, VF, NIC] }, (root) => {
    const found = vfioDevices(root).map(({ path: _, ...device }) => device);
    assertEquals(found, [
      { name: VF.name, bus: "pci", driver: "mlx5_vfio_pci", group: "45", cdev: "vfio0" },
      { name: MDEV.name, bus: "mdev", driver: "mtty", group: "4", cdev: "vfio1" },
    ]);
    assertEquals(hasVfio(root), true);
  });
});

Deno.test("a kernel without the class vfio-dev is asked by its groups", () => {
  const { cdev: _, ...old } = VF;
  const files = { "/sys/class/vfio/45": null, "/dev/vfio/45": "" };
  inTree({ devices: [old, NIC], files }, (root) => {
    assertEquals(vfioDevices(root).map(({ name, cdev }) => [name, cdev]), [[VF.name, null]]);
  });
});

Deno.test("a group without an IOMMU has another name in /dev/vfio", () => {
  inTree({ devices: [VF], files: { "/dev/vfio/noiommu-45": "" } }, (root) => {
    assertEquals(vfioDevices(root)[0]?.group, "noiommu-45");
  });
});

Deno.test("a device is found by its name on any bus, and by its group; VFIO's own comes first", () => {
  const twin = { ...NIC, name: MDEV.name, bus: "auxiliary" };
  inTree({ devices: [VF, NIC, twin, MDEV] }, (root) => {
    assertEquals(deviceByName(root, NIC.name)?.driver, "mlx5_core");
    assertEquals(deviceByName(root, MDEV.name)?.bus, "mdev");
    assertEquals(deviceByName(root, "none"), null);
    assertEquals(devicesOfGroup(root, "45").map(({ name }) => name), [VF.name]);
    assertEquals(devicesOfGroup(root, "99"), []);
  });
});

Deno.test("a host without any of it has no devices", () => {
  inTree({}, (root) => {
    assertEquals([vfioDevices(root), hasVfio(root)], [[], false]);
  });
});
