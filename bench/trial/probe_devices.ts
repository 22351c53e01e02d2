import {
  DeviceError,
  findDevice,
  type FoundDevice,
  hasVfio,
  openKernelDevice,
} from "../../core/device/kernel/mod.ts";
import { SinkDevice } from "../../core/device/sink/mod.ts";
import { check, libcSupport } from "../../core/libc/mod.ts";
import { MIGRATION } from "../../core/vfio/mod.ts";
import { type KernelSpec, readDestination, ScenarioError } from "../scenario/mod.ts";

/** Real devices as the command line names them: so many sources, and a destination for each or one sink for all. */
export interface RealDevices {
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
}

/**
 * Opens every device once, both ends, to see that it can migrate and what it has; all are closed again.
 *
 * @throws {ScenarioError} or {DeviceError} with what is wrong, in one line
 */
export function probeDevices({ sources, destinations }: RealDevices): KernelSpec[] {
  const unsupported = libcSupport();
  if (unsupported !== null) throw new ScenarioError(unsupported);
  if (!hasVfio()) {
    throw new ScenarioError(
      "Cannot use --device here: this kernel has no VFIO, or it is not loaded; sudo modprobe vfio-pci, then deno task doctor",
    );
  }
  const targets = sources.map((_, i) => destinationOf(destinations, sources, i));
  refuseTwice([...sources, ...targets.filter((to) => readDestination(to).kind === "device")]);
  return sources.map((device, i) => {
    const to = targets[i] ?? "null";
    const destination = readDestination(to);
    const spec = probe(device, to);
    if (destination.kind === "device") probe(destination.device, "null");
    else probeSink(spec.id, destination.path);
    return spec;
  });
}

/** A sink may be given once for all; files then have the devices' names at their ends. */
function destinationOf(
  destinations: readonly string[],
  sources: readonly string[],
  i: number,
): string {
  const [first = "", ...others] = destinations;
  const destination = readDestination(first);
  if (others.length === 0 && sources.length > 1 && destination.kind === "sink") {
    return destination.path === null ? first : `${first}.${idOf(sources[i] ?? "")}`;
  }
  if (destinations.length === sources.length) return destinations[i] ?? "";
  throw new ScenarioError(
    `Cannot take --to: ${sources.length} devices need as many destinations, or one null or file:PATH for all; received ${destinations.length}`,
  );
}

function idOf(device: string): string {
  return findDevice(device).name;
}

/** The same device under two names is still one; and a group is opened once, so one device of it is all there is. */
function refuseTwice(names: readonly string[]): void {
  const seen: FoundDevice[] = [];
  for (const name of names) {
    const found = findDevice(name);
    const { path, way, group } = found;
    const same = seen.find((other) => other.path === path);
    if (same !== undefined) {
      throw new DeviceError(
        name,
        `Cannot use ${name} twice in a migration: ${same.given} is the same device`,
      );
    }
    const near = seen.find((other) =>
      other.way === "group" && way === "group" && other.group === group
    );
    if (near !== undefined) {
      throw new DeviceError(
        name,
        `Cannot use ${name} beside ${near.given}: both are in IOMMU group ${group}, which can be open only once; name them by /dev/vfio/devices/vfioN`,
      );
    }
    seen.push(found);
  }
}

function probeSink(id: string, path: string | null): void {
  const sink = SinkDevice.open(id, path);
  if (typeof sink !== "number") sink.close();
  else check(sink, "open", `write the state of ${id} to ${path ?? "/dev/null"}`);
}

function probe(name: string, to: string): KernelSpec {
  const { name: id, driver } = findDevice(name);
  const device = openKernelDevice(name, { id });
  try {
    const size = { stopCopyLength: 0 };
    const { migrationFlags } = device;
    return {
      id,
      kind: "kernel",
      device: name,
      to,
      driver: driver ?? "unknown",
      precopy: (migrationFlags & MIGRATION.PRE_COPY) !== 0,
      p2p: (migrationFlags & MIGRATION.P2P) !== 0,
      state_size: device.getDataSize(size) < 0 ? 0 : Math.max(0, size.stopCopyLength),
    };
  } finally {
    device.close();
  }
}
