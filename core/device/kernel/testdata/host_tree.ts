/** Makes the part of a host's /sys, /dev, /proc and /lib that VFIO is looked up in. */

/** A device of the made-up host. */
export interface TreeDevice {
  readonly name: string;
  readonly bus: string;
  readonly driver?: string;
  readonly group?: number;
  /** Only of a device that VFIO has. */
  readonly cdev?: string;
  readonly modalias?: string;
}

export interface Tree {
  readonly devices?: readonly TreeDevice[];
  /** Files with their text, folders where it is null. */
  readonly files?: Readonly<Record<string, string | null>>;
}

/** The folder in which the tree's root stands. The caller removes it. */
export function makeTree({ devices = [], files = {} }: Tree): string {
  const root = Deno.makeTempDirSync();
  for (const device of devices) addDevice(root, device);
  for (const [path, text] of Object.entries(files)) {
    if (text === null) Deno.mkdirSync(`${root}${path}`, { recursive: true });
    else write(`${root}${path}`, text);
  }
  return root;
}

/** Makes a tree, hands it out, and takes it away again. */
export function inTree(tree: Tree, use: (root: string) => void): void {
  const root = makeTree(tree);
  try {
    use(root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

function addDevice(root: string, device: TreeDevice): void {
  const { name, bus, driver, group, cdev, modalias } = device;
  // Three folders below /sys/devices, as buses have it; the links are relative, as the kernel's are.
  const path = `${root}/sys/devices/${bus}0/bridge/${name}`;
  Deno.mkdirSync(path, { recursive: true });
  link(`../../../../bus/${bus}`, `${path}/subsystem`);
  link(`../../../devices/${bus}0/bridge/${name}`, `${root}/sys/bus/${bus}/devices/${name}`);
  if (driver !== undefined) link(`../../../../bus/${bus}/drivers/${driver}`, `${path}/driver`);
  if (modalias !== undefined) write(`${path}/modalias`, `${modalias}\n`);
  if (group !== undefined) {
    const folder = `${root}/sys/kernel/iommu_groups/${group}/devices`;
    link(`../../../../kernel/iommu_groups/${group}`, `${path}/iommu_group`);
    link(`../../../../devices/${bus}0/bridge/${name}`, `${folder}/${name}`);
  }
  if (cdev !== undefined) {
    Deno.mkdirSync(`${path}/vfio-dev/${cdev}`, { recursive: true });
    const target = `../../devices/${bus}0/bridge/${name}/vfio-dev/${cdev}`;
    link(target, `${root}/sys/class/vfio-dev/${cdev}`);
    if (group !== undefined) {
      Deno.mkdirSync(`${root}/sys/class/vfio/${group}`, { recursive: true });
      write(`${root}/dev/vfio/${group}`, "");
    }
  }
}

function link(target: string, path: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.symlinkSync(target, path);
}

function write(path: string, text: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text);
}
