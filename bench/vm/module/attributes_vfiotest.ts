// In a guest with the module: deno task test:vfio
import { assertEquals } from "@std/assert";
import { type DeviceProfile, GENERIC_PROFILE } from "../../../core/device/mod.ts";
import { ERRNO, POLL, poll, regionOf } from "../../../core/libc/mod.ts";
import { DEVICE_STATE } from "../../../core/vfio/mod.ts";
import { Migdev } from "./testdata/migdev.ts";

const { STOP, RUNNING, STOP_COPY, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;
const { E2BIG, EBUSY, EINVAL, ENOMEM, ENOMSG, ERANGE } = ERRNO;
const MIB = 1024 * 1024;
const SMALL = { state_size: 1000, initial_fraction: 0.5, chunk_size: 100 };
const memory = regionOf(new ArrayBuffer(MIB));

/** Keys of a simulated profile that the device has not, and why. */
const LEFT_OUT: (keyof DeviceProfile)[] = [
  // One way of saving: streamed.
  "save_mode",
  "save_chunk_size",
  "dirty_collect",
  "read_while_saving",
  // An answer that nothing can be compared with.
  "stop_copy_noise",
  // It slows down what the harness's own data path takes.
  "slowdown_ratio",
];

function text(value: DeviceProfile[keyof DeviceProfile]): string {
  if (typeof value === "boolean") return `${Number(value)}`;
  return Array.isArray(value) ? value.join(" ") : `${value}`;
}

Deno.test("the attributes are the profile's keys, with the generic profile's values", () => {
  const migdev = new Migdev(0);
  migdev.set("defaults", 1);
  for (const [key, value] of Object.entries(GENERIC_PROFILE)) {
    if (LEFT_OUT.includes(key as keyof DeviceProfile) || key === "precopy_info_v2") continue;
    assertEquals(migdev.get(key), text(value), key);
  }
  for (const key of LEFT_OUT) assertEquals(migdev.tryWrite(key, "1") < 0, true, key);
});

Deno.test("sizes have suffixes, times and fractions decimals, lists entries", () => {
  const migdev = new Migdev(0);
  migdev.set("defaults", 1);
  for (
    const [attribute, value, shown] of [
      ["dirty_rate", "64K", "65536"],
      ["dirty_rate", "3MiB\n", "3145728"],
      ["initial_fraction", "0.25", "0.250000000"],
      ["suspend_p2p_ms", "0.5", "0.500000"],
      ["suspend_p2p_ms", "12", "12"],
      ["reinit_at_ms", "1, 2.5 400", "1 2.500000 400"],
      ["reinit_at_ms", "", "1 2.500000 400"],
      ["reinit_at_ms", "\n", ""],
      ["reinit_at_reads", "3", "3"],
      ["stop_copy_report", "full-always\n", "full-always"],
    ] as const
  ) {
    migdev.set(attribute, value);
    assertEquals(migdev.get(attribute), shown, `${attribute} ${value}`);
  }
  for (
    const [attribute, value, errno] of [
      ["state_size", "0", ERANGE],
      ["state_size", "18446744073709551616", EINVAL],
      ["state_size", "17179869184G", ERANGE],
      ["state_size", "1024G", ENOMEM],
      ["dirty_rate", "-1", EINVAL],
      ["dirty_rate", "5 6", EINVAL],
      ["dirty_rate", "1Q", EINVAL],
      ["chunk_size", "15", ERANGE],
      ["initial_fraction", "1.1", ERANGE],
      ["initial_fraction", "half", EINVAL],
      ["empty_read", "1", EINVAL],
      ["p2p", "2", EINVAL],
      ["reinit_at_reads", "0", ERANGE],
      ["reinit_at_ms", "1 ".repeat(17), E2BIG],
    ] as const
  ) {
    const before = migdev.get(attribute);
    assertEquals(migdev.tryWrite(attribute, value), -errno, `${attribute} ${value}`);
    assertEquals(migdev.get(attribute), before);
  }
  migdev.set("defaults", 1);
});

Deno.test("what the device is does not change while somebody has it open; what it does, does", () => {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  using device = migdev.open();
  const fixed = ["p2p", "precopy", "state_size", "initial_fraction", "dirty_span", "chunk_size"];
  for (const attribute of fixed) {
    assertEquals(migdev.tryWrite(attribute, migdev.get(attribute)), -EBUSY, attribute);
  }
  assertEquals(migdev.tryWrite("defaults", "1"), -EBUSY);
  migdev.set("read_limit", 7);
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(device.read(memory, 100), 7);
  assertEquals(migdev.tryWrite("seed", "5"), -EBUSY);
  for (const attribute of ["dirty", "reinit"]) {
    assertEquals(migdev.tryWrite(attribute, "1"), -EBUSY, attribute);
  }
  device.close();
  migdev.set("p2p", 0);
  migdev.set("seed", 5);
});

Deno.test("what the guest writes on demand is dirty, and changed", () => {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  using device = migdev.open();
  const dirtyBytes = () => {
    const info = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
    assertEquals(device.getPrecopyInfo(info), 0);
    return info.dirtyBytes;
  };
  let checksum = migdev.get("checksum");
  const changed = () => {
    const before = checksum;
    checksum = migdev.get("checksum");
    return checksum !== before;
  };
  migdev.set("dirty", "10");
  assertEquals(changed(), true);
  assertEquals(device.setState(PRE_COPY), 0);
  migdev.set("dirty", "100 50"); // part of what is still to be sent
  assertEquals([dirtyBytes(), changed()], [0, true]);
  assertEquals(device.read(memory, 1000), 524);
  assertEquals(device.read(memory, 1000), -ENOMSG);
  migdev.set("dirty", "100 50");
  assertEquals([dirtyBytes(), changed()], [124, true]);
  migdev.set("dirty", "50 475"); // half of it moves only in stop-copy
  assertEquals(dirtyBytes(), 124 + 49);
  migdev.set("dirty", "100 900");
  assertEquals([dirtyBytes(), changed()], [124 + 49, true]);
  assertEquals(migdev.tryWrite("dirty", "101 900"), -ERANGE);
  assertEquals(device.read(memory, 1000), 124 + 49);
  assertEquals(device.setState(PRE_COPY_P2P), 0);
  assertEquals(migdev.tryWrite("dirty", "1"), -EBUSY);
});

Deno.test("more dirty places than it can remember are merged, and every byte of them moves", () => {
  const migdev = new Migdev(0);
  const other = new Migdev(1);
  for (const each of [migdev, other]) each.use({ state_size: MIB / 2, chunk_size: 4096 });
  using from = migdev.open();
  using to = other.open();
  assertEquals(to.setState(DEVICE_STATE.RESUMING), 0);
  assertEquals(from.setState(PRE_COPY), 0);
  const moveAll = () => {
    for (let n: number; (n = from.read(memory, MIB)) > 0;) {
      assertEquals(to.write(memory, 0, n), n);
    }
  };
  moveAll();
  for (let i = 0; i < 300; i++) migdev.set("dirty", `1 ${(i * 37 % 300) * 1000}`);
  assertEquals(from.setState(STOP_COPY), 0);
  moveAll();
  assertEquals(to.setState(RUNNING), 0);
  assertEquals(other.get("checksum"), migdev.get("checksum"));
});

Deno.test("a poll waits for data in PRE_COPY, and wakes of dirtying, of the stop and of the end", () => {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  using device = migdev.open();
  const ready = (timeout_ms = 0) => poll(device.dataFd, POLL.POLLIN, timeout_ms);
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(ready(), POLL.POLLIN);
  assertEquals(device.read(memory, 1000), 524);
  assertEquals(ready(), 0);
  migdev.set("dirty", "10");
  assertEquals(ready(), POLL.POLLIN);
  assertEquals(device.read(memory, 1000), 34);
  assertEquals(ready(), 0);
  // Not for ever: a chunk of 100 bytes gets dirty every 20 ms.
  migdev.set("dirty_rate", 5000);
  assertEquals(ready(-1), POLL.POLLIN);
  assertEquals(device.read(memory, 100_000) > 0, true);
  assertEquals(device.setState(PRE_COPY_P2P), 0);
  while (device.read(memory, 100_000) > 0);
  assertEquals(ready(), 0);
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(ready(), POLL.POLLIN);
  while (device.read(memory, 100_000) > 0);
  assertEquals(ready(), POLL.POLLIN);
  assertEquals(device.setState(STOP), 0);
  assertEquals(ready() & POLL.POLLIN, POLL.POLLIN);
});

Deno.test("new initial data on demand: REINIT to who listens, dirty state to who does not", () => {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  using device = migdev.open();
  const info = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
  const ask = () => {
    info.flags = 0;
    assertEquals(device.getPrecopyInfo(info), 0);
    return [info.flags, info.initialBytes, info.dirtyBytes];
  };
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(device.read(memory, 1000), 524);
  migdev.set("reinit", 200);
  assertEquals(ask(), [0, 0, 224]);
  assertEquals(device.read(memory, 1000), 224);
  if (device.setPrecopyInfoV2() < 0) return; // a kernel without REINIT
  migdev.set("reinit", 200);
  assertEquals(device.read(memory, 1000), -ENOMSG); // nobody has asked
  assertEquals(ask(), [1, 224, 0]);
  assertEquals(ask(), [0, 224, 0]);
  migdev.set("reinit", 300);
  assertEquals(device.setState(PRE_COPY_P2P), 0);
  assertEquals(ask(), [0, 0, 324]);
});

Deno.test("a destination takes what a source of another feature set or chunk size saved", () => {
  const migdev = new Migdev(0);
  const other = new Migdev(1);
  migdev.use({ ...SMALL, p2p: false });
  other.use({ state_size: 1000, precopy: false, chunk_size: 64 });
  using from = migdev.open();
  using to = other.open();
  assertEquals(from.setState(PRE_COPY), 0);
  assertEquals(to.setState(DEVICE_STATE.RESUMING), 0);
  const first = from.read(memory, 1000);
  assertEquals(to.write(memory, 0, first), first);
  assertEquals(from.setState(STOP_COPY), 0);
  const rest = from.read(memory, 1000);
  assertEquals(to.write(memory, 0, rest), rest);
  assertEquals(to.setState(RUNNING), 0);
  assertEquals(other.get("checksum"), migdev.get("checksum"));
  to.close();
  // But not one of a larger state.
  other.use({ state_size: 999 });
  using small = other.open();
  assertEquals(small.setState(DEVICE_STATE.RESUMING), 0);
  assertEquals(small.write(memory, 0, rest), -EINVAL);
});
