/** A file of an archive. Folders above it are made by themselves. */
export interface ArchiveFile {
  /** Relative, for example `modules/vfio.ko`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable?: boolean;
}

const FOLDER = 0o040755;
const FILE = 0o100644;
const EXECUTABLE = 0o100755;
const TRAILER = "TRAILER!!!";

/**
 * An archive in the format that the kernel takes as an initramfs: cpio "newc", uncompressed.
 *
 *     "070701"  13 fields of 8 hex digits  name NUL  pad to 4  bytes  pad to 4   ... "TRAILER!!!"
 *
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux. Same files, same bytes: times are 0.
 */
export function cpio(files: readonly ArchiveFile[]): Uint8Array<ArrayBuffer> {
  const entries: { path: string; mode: number; bytes: Uint8Array }[] = [];
  const folders = new Set<string>();
  for (const { path, bytes, executable } of files) {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      if (folders.has(folder)) continue;
      folders.add(folder);
      entries.push({ path: folder, mode: FOLDER, bytes: new Uint8Array() });
    }
    entries.push({ path, mode: executable ? EXECUTABLE : FILE, bytes });
  }
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [];
  [...entries, { path: TRAILER, mode: 0, bytes: new Uint8Array() }].forEach((entry, index) => {
    const name = encoder.encode(`${entry.path}\0`);
    const inode = entry.path === TRAILER ? 0 : index + 1;
    const fields = [inode, entry.mode, 0, 0, 1, 0, entry.bytes.length, 0, 0, 0, 0, name.length, 0];
    const head = encoder.encode(
      `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`,
    );
    chunks.push(head, name, padding(head.length + name.length));
    chunks.push(entry.bytes, padding(entry.bytes.length));
  });
  return concat(chunks);
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - length % 4) % 4);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
