import { errnoName } from "../../../libc/mod.ts";
import { readU64 } from "../../../vfio/mod.ts";
import { DIRTY_PAGES, regionPlaceName } from "../../../vfio/region/mod.ts";
import type { RegionDevice } from "../mod.ts";

/** The device, with a line in `log` for each call that a user makes: what was asked, and what came back. */
export function recordCalls(device: RegionDevice, log: string[]): RegionDevice {
  const valueOf = (view: DataView, length: number) =>
    length === 4 ? view.getUint32(0, true) : readU64(view, 0);
  const note = (call: string, result: number, value?: number) => {
    const what = value === undefined ? call : `${call} = ${value}`;
    log.push(result < 0 ? `${call} -> ${errnoName(result)}` : what);
    return result;
  };
  return withCalls(device, {
    readRegion(view, offset, length) {
      const result = device.readRegion(view, offset, length);
      return note(`read ${regionPlaceName(offset)}`, result, valueOf(view, length));
    },
    writeRegion(view, offset, length) {
      const value = valueOf(view, length);
      const result = device.writeRegion(view, offset, length);
      return note(`write ${regionPlaceName(offset)} = ${value}`, result);
    },
    readData: (region, at, offset, length) =>
      note(`read ${length} at ${offset}`, device.readData(region, at, offset, length)),
    writeData: (region, at, offset, length) =>
      note(`write ${length} at ${offset}`, device.writeData(region, at, offset, length)),
    map: () => note("map", device.map()),
    unmap() {
      log.push("unmap");
      device.unmap();
    },
    dirtyPages: (flags) =>
      note(
        `dirty pages ${flags === DIRTY_PAGES.START ? "START" : "STOP"}`,
        device.dirtyPages(flags),
      ),
    reset: () => note("reset", device.reset()),
  });
}

/** The device, with some of its calls replaced. */
export function withCalls(inner: RegionDevice, calls: Partial<RegionDevice>): RegionDevice {
  return new Proxy(inner, {
    get(target, key) {
      const replaced = Reflect.get(calls, key);
      if (replaced !== undefined) return replaced;
      const value = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
