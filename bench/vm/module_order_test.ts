import { assertEquals, assertRejects } from "@std/assert";
import { moduleDepends, type ModuleFile, moduleName, moduleOrder } from "./module_order.ts";

function finder(modules: Record<string, string[]>) {
  return (name: string): Promise<ModuleFile | undefined> => {
    const depends = modules[name];
    return Promise.resolve(depends && { name, path: `/m/${name}.ko`, depends });
  };
}

Deno.test("moduleName is the kernel's name of a file", () => {
  assertEquals(moduleName("/lib/kernel/vfio/pci/vfio-pci-core.ko.xz"), "vfio_pci_core");
  assertEquals(moduleName("9p.ko"), "9p");
});

Deno.test("moduleDepends reads .modinfo and no other place", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertEquals(moduleDepends(bytes("\0license=GPL\0depends=mdev,vfio\0name=mtty\0")), [
    "mdev",
    "vfio",
  ]);
  assertEquals(moduleDepends(bytes("\0depends=vfio-pci-core\0")), ["vfio_pci_core"]);
  assertEquals(moduleDepends(bytes("\0depends=\0")), []);
  assertEquals(moduleDepends(bytes("it depends=much on\0")), []);
});

Deno.test("moduleOrder puts what is needed first, once", async () => {
  const find = finder({ mtty: ["mdev", "vfio"], mdev: ["vfio"], vfio: ["iommufd"], iommufd: [] });
  const order = await moduleOrder(["mtty", "vfio"], find);
  assertEquals(order.map(({ name }) => name), ["iommufd", "vfio", "mdev", "mtty"]);
});

Deno.test("moduleOrder leaves out what is built into the kernel", async () => {
  const order = await moduleOrder(["a", "virtio"], finder({ a: ["virtio"] }));
  assertEquals(order.map(({ name }) => name), ["a"]);
});

Deno.test("moduleOrder names a circle", async () => {
  const find = finder({ a: ["b"], b: ["a"] });
  await assertRejects(() => moduleOrder(["a"], find), Error, "a -> b -> a");
});
