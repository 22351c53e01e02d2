import { assert, assertEquals, assertGreater } from "@std/assert";
import { MTTY_UUIDS, PROJECT_DIR } from "./fixtures.ts";

Deno.test("the guest runs a kernel that knows REINIT", async () => {
  const release = (await Deno.readTextFile("/proc/sys/kernel/osrelease")).trim();
  const [major = 0, minor = 0] = release.split(".").map((part) => parseInt(part));
  assert(major > 7 || (major === 7 && minor >= 2), release);
});

Deno.test("the guest has two processors", () => {
  assertEquals(navigator.hardwareConcurrency, 2);
});

Deno.test("the guest starts a command in the project's folder", () => {
  assertEquals(Deno.cwd(), PROJECT_DIR);
});

Deno.test("the guest has a container for groups and an iommufd for character devices", async () => {
  assertEquals((await Deno.stat("/dev/vfio/vfio")).isCharDevice, true);
  assertEquals((await Deno.stat("/dev/iommu")).isCharDevice, true);
});

Deno.test("the guest has every mtty by group and by cdev", async () => {
  const seen = new Set<string>();
  for (const uuid of MTTY_UUIDS) {
    const device = `/sys/bus/mdev/devices/${uuid}`;
    const group = (await Deno.readLink(`${device}/iommu_group`)).split("/").at(-1);
    const [cdev] = await Array.fromAsync(Deno.readDir(`${device}/vfio-dev`), ({ name }) => name);
    for (const node of [`/dev/vfio/${group}`, `/dev/vfio/devices/${cdev}`]) {
      assertEquals((await Deno.stat(node)).isCharDevice, true, node);
      seen.add(node);
    }
  }
  assertEquals(seen.size, 2 * MTTY_UUIDS.length);
});

Deno.test("the guest's modules are those that were built for it", async () => {
  const loaded = (await Deno.readTextFile("/proc/modules")).split("\n").map((line) =>
    line.split(" ")[0]
  );
  const wanted = ["vfio", "vfio_iommu_type1", "iommufd", "mdev", "mtty"];
  assertEquals(wanted.filter((name) => !loaded.includes(name)), []);
});

Deno.test("the guest's clock is the host's, and goes on", () => {
  assertGreater(Date.now(), Date.UTC(2026, 0, 1));
  const began_ms = performance.now();
  assertGreater(performance.now(), began_ms);
});

Deno.test("what the guest writes outside of results/ stays in its memory", async () => {
  const path = `${PROJECT_DIR}/written_in_the_guest`;
  await Deno.writeTextFile(path, "gone with it");
  assertEquals(await Deno.readTextFile(path), "gone with it");
});

Deno.test("the guest has no network but its own", () => {
  const interfaces = Deno.networkInterfaces().map(({ name }) => name);
  assertEquals([...new Set(interfaces)], ["lo"]);
});
