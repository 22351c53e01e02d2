/** A module of the kernel: where it is, and what must be loaded before it. */
export interface ModuleFile {
  readonly name: string;
  readonly path: string;
  readonly depends: readonly string[];
}

/** A module's name as the kernel has it: from its file's name, with `-` as `_`. */
export function moduleName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_");
}

/**
 * Names from the `depends=` entry of a module's .modinfo section. (modules.dep is made when a kernel is
 * installed, and this one never is.)
 */
export function moduleDepends(bytes: Uint8Array): string[] {
  const text = new TextDecoder("latin1").decode(bytes);
  // After a NUL: the entries of .modinfo follow each other, and debug information knows the word too.
  const list = /\0depends=([\w,-]*)\0/.exec(text)?.[1] ?? "";
  return list.split(",").filter((name) => name !== "").map((name) => name.replaceAll("-", "_"));
}

/**
 * The order in which modules can be loaded, each after what it depends on.
 *
 * @param wanted Names of modules
 * @param find Looks a module up; undefined where it is built into the kernel, or not there
 * @throws {Error} If modules depend on each other in a circle
 */
export async function moduleOrder(
  wanted: readonly string[],
  find: (name: string) => Promise<ModuleFile | undefined>,
): Promise<ModuleFile[]> {
  const order = new Map<string, ModuleFile>();
  const above: string[] = [];
  const visit = async (name: string) => {
    if (order.has(name)) return;
    if (above.includes(name)) {
      throw new Error(`Cannot order modules as ${[...above, name].join(" -> ")}: it is a circle`);
    }
    const module = await find(name);
    if (module === undefined) return;
    above.push(name);
    for (const dependency of module.depends) await visit(dependency);
    above.pop();
    order.set(name, module);
  };
  for (const name of wanted) await visit(name);
  return [...order.values()];
}
