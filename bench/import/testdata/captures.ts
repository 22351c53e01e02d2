import type { PolicyName } from "../../../core/migration/mod.ts";

/** A real migration in this folder. */
export interface Capture {
  readonly name: string;
  readonly policy: PolicyName;
  readonly passes: number;
  readonly switchoverAck: boolean;
}

/** All of them; passes were counted in the logs by other means. */
export const CAPTURES: readonly Capture[] = [
  { name: "1-plain", policy: "qemu-9.2", passes: 15, switchoverAck: false },
  { name: "2-ack", policy: "qemu-9.2", passes: 14, switchoverAck: true },
  { name: "2-ack-proxy", policy: "qemu-9.2", passes: 11, switchoverAck: true },
  { name: "3-multifd-proxy", policy: "qemu-9.2", passes: 9, switchoverAck: true },
  { name: "4-file", policy: "qemu-9.2", passes: 8, switchoverAck: false },
  { name: "6-migpci64-ack-dirty", policy: "qemu-9.2", passes: 67, switchoverAck: true },
  { name: "11-mtty-ack", policy: "qemu-11.1", passes: 19, switchoverAck: true },
  { name: "11-migpci64-reinit", policy: "qemu-11.1", passes: 330, switchoverAck: true },
];

/** The path of a file of a capture. */
export function capturePath(
  name: string,
  file: "src.trace.gz" | "dst.trace.gz" | "qmp.log",
): string {
  return decodeURIComponent(new URL(`${name}/${file}`, import.meta.url).pathname);
}

/** The text of one of its logs. */
export async function captureText(
  name: string,
  file: "src.trace.gz" | "dst.trace.gz",
): Promise<string> {
  const { readable } = await Deno.open(capturePath(name, file));
  return await new Response(readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Runs something with logs of these texts in files of their own. */
export async function withLogs<T>(
  texts: Readonly<Record<string, string | Uint8Array>>,
  run: (path: (name: string) => string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(texts)) {
      if (typeof text === "string") await Deno.writeTextFile(`${folder}/${name}`, text);
      else await Deno.writeFile(`${folder}/${name}`, text);
    }
    return await run((name) => `${folder}/${name}`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
