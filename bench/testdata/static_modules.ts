interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
  readonly roots: readonly string[];
}

/**
 * What a file loads before its first line runs: every module that its imports lead to, by its path from the project's
 * root; those from elsewhere by their specifier. What only an `import()` leads to is not among them, nor are types.
 *
 * @param file A path from the project's root
 */
export async function staticModules(file: string): Promise<string[]> {
  const root = new URL("../../", import.meta.url);
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(file, root).pathname],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (code !== 0) {
    throw new Error(`Cannot ask for the modules of ${file}: ${new TextDecoder().decode(stderr)}`);
  }
  const { modules, roots }: Info = JSON.parse(new TextDecoder().decode(stdout));
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const names = new Set(roots);
  for (const name of names) {
    for (const { code, isDynamic } of byName.get(name)?.dependencies ?? []) {
      if (code?.specifier !== undefined && isDynamic !== true) names.add(code.specifier);
    }
  }
  return [...names].map((name) => name.startsWith(root.href) ? name.slice(root.href.length) : name)
    .sort();
}
