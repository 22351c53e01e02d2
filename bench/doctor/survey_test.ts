import { assertEquals, assertMatch } from "@std/assert";
import { inTree, type Tree, type TreeDevice } from "../../core/device/kernel/testdata/host_tree.ts";
import type { Probe } from "./abilities.ts";
import { doctorDocument } from "./doctor_document.ts";
import { doctorText } from "./doctor_text.ts";
import { survey } from "./survey.ts";

const CAN: Probe = {
  abilities: {
    stop_copy: true,
    p2p: true,
    pre_copy: true,
    precopy_info_v2: true,
    dma_logging: false,
    reset: true,
    stop_copy_length_bytes: 64 * 1024 * 1024,
  },
};
const CANNOT: Probe = {
  abilities: {
    stop_copy: false,
    p2p: false,
    pre_copy: false,
    precopy_info_v2: false,
    dma_logging: false,
    reset: true,
    stop_copy_length_bytes: null,
  },
};
const MLX5 = "pci:v000015B3d0000101Esv000015B3sd00000058bc02sc00i00";
const VF: TreeDevice = {
  name: "0000:3b:00.2",
  bus: "pci",
  driver: "mlx5_vfio_pci",
  group: 45,
  cdev: "vfio0",
  modalias: MLX5,
};
const HOST = {
  "/dev/vfio/vfio": "",
  "/sys/class/iommu/dmar0": null,
  "/proc/sys/kernel/osrelease": "6.12.1\n",
  "/proc/self/limits":
    "Limit  Soft Limit  Hard Limit  Units\nMax locked memory  8388608  8388608  bytes\n",
  "/lib/modules/6.12.1/modules.alias":
    "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n",
};

function look(tree: Tree, probe: Probe = CAN) {
  let found = doctorDocument(survey("/nowhere", () => probe));
  inTree(
    { ...tree, files: { ...HOST, ...tree.files } },
    (root) => found = doctorDocument(survey(root, () => probe)),
  );
  return found;
}

function failed(call: string, errno: string): Probe {
  return { call, errno, message: `Cannot open it: ${call} gave ${errno}` };
}

Deno.test("a device that can migrate is usable, and nothing stands in its way", () => {
  const found = look({ devices: [VF] });
  assertEquals(found.obstacles, []);
  assertEquals(found.devices.map(({ name, usable, iommu_group }) => [name, usable, iommu_group]), [
    ["0000:3b:00.2", true, "45"],
  ]);
  const text = doctorText(found);
  assertMatch(
    text,
    /0000:3b:00\.2 \(pci\), mlx5_vfio_pci, IOMMU group 45, \/dev\/vfio\/devices\/vfio0/,
  );
  assertMatch(text, /STOP_COPY P2P PRE_COPY PRECOPY_INFOv2 \(REINIT\); 64 MiB to save/);
  assertMatch(text, /Only 8 MiB may be locked/);
});

Deno.test("each obstacle has the command that mends it", () => {
  const elsewhere = {
    name: "0000:3b:00.2",
    bus: "pci",
    driver: "mlx5_core",
    group: 45,
    modalias: MLX5,
  };
  const generic = { ...VF, driver: "vfio-pci" };
  const neighbour = { name: "0000:3b:00.3", bus: "pci", driver: "snd_hda_intel", group: 45 };
  const MENDED: readonly [tree: Tree, probe: Probe, why: RegExp, mend: RegExp | null][] = [
    [
      { devices: [VF] },
      failed("open /dev/vfio/devices/vfio0", "EACCES"),
      /open \/dev\/vfio\/devices\/vfio0 gave EACCES/,
      /^sudo chown \$USER \/dev\/vfio\/devices\/vfio0$/,
    ],
    [
      { devices: [VF] },
      failed("open /dev/vfio/45", "EBUSY"),
      /EBUSY/,
      /^sudo fuser -v \/dev\/vfio\/45$/,
    ],
    [
      { devices: [VF, neighbour] },
      failed("VFIO_GROUP_GET_STATUS", ""),
      /group 45 is not viable: 0000:3b:00\.3 in it is bound to snd_hda_intel/,
      /^echo 0000:3b:00\.3 \| sudo tee \S+\/driver\/unbind$/,
    ],
    [
      { devices: [generic] },
      CANNOT,
      /vfio-pci does not migrate it, and mlx5_vfio_pci does/,
      /modprobe mlx5_vfio_pci && echo mlx5_vfio_pci > \S+driver_override && .*unbind && .*drivers_probe'$/,
    ],
    [{ devices: [VF] }, CANNOT, /its driver mlx5_vfio_pci offers no migration/, null],
    [
      { devices: [elsewhere], files: { "/dev/vfio/vfio": "" } },
      CAN,
      /it is bound to mlx5_core, and mlx5_vfio_pci migrates it/,
      /^sudo sh -c 'modprobe mlx5_vfio_pci/,
    ],
  ];
  for (const [tree, probe, why, mend] of MENDED) {
    const { obstacles } = look(tree, probe);
    assertEquals(obstacles.length, 1, JSON.stringify(obstacles));
    assertMatch(obstacles[0]?.why ?? "", why);
    if (mend === null) assertEquals(obstacles[0]?.mend, null);
    else assertMatch(obstacles[0]?.mend ?? "", mend);
  }
});

Deno.test("a host without VFIO, IOMMU or mdevs is told what to do", () => {
  inTree({}, (root) => {
    const { vfio, obstacles } = doctorDocument(survey(root, () => CAN));
    assertEquals([vfio, obstacles.map(({ mend }) => mend)], [false, ["sudo modprobe vfio-pci"]]);
  });
  const elsewhere = { name: "0000:3b:00.2", bus: "pci", driver: "mlx5_core", modalias: MLX5 };
  inTree({ devices: [elsewhere], files: { ...HOST, "/sys/class/iommu/dmar0": null } }, (root) => {
    Deno.removeSync(`${root}/sys/class/iommu`, { recursive: true });
    const { obstacles } = doctorDocument(survey(root, () => CAN));
    assertMatch(obstacles[0]?.mend ?? "", /intel_iommu=on/);
  });
  const types = "/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2";
  const files = {
    "/dev/vfio/vfio": "",
    [`${types}/create`]: "",
    [`${types}/name`]: "Dual port serial\n",
    [`${types}/available_instances`]: "12\n",
  };
  const { mdev_types, obstacles } = look({ files });
  assertEquals(mdev_types.map(({ type, name, available }) => [type, name, available]), [
    ["mtty-2", "Dual port serial", 12],
  ]);
  assertMatch(obstacles[0]?.mend ?? "", /^uuidgen \| sudo tee \S+mtty-2\/create$/);
});
