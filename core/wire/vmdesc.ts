/**
 * The vmdesc: JSON at the end of a stream in which QEMU says what its FULL sections consist of. It is all
 * that tells their length.
 *
 * ```text
 *   { "page_size": 4096, "devices": [
 *       { "name": idstr, "instance_id": 0, "vmsd_name": "...", "version": 1,
 *         "fields": [{ "name", "type", "size", "array_len" }], "subsections": [ ...the same... ] },
 *       { "name": idstr, "instance_id": 0, "size": 4132, ... } ] }
 * ```
 *
 * @module
 */

import { sizeKey } from "./section_table.ts";

/** What a vmdesc tells a decoder. */
export interface VmdescSizes {
  /** In bytes; `undefined` if it is not said. */
  readonly pageSize: number | undefined;
  /** The length of the payload of each FULL section, by `sizeKey`. */
  readonly sizes: ReadonlyMap<string, number>;
}

// Type byte, length byte and version before a subsection's fields.
const SUBSECTION_HEAD = 6;
const MAX_DEPTH = 32;
const MIN_PAGE_SIZE = 1024;
const MAX_PAGE_SIZE = 1024 * 1024;

/**
 * Adds up the sizes in a vmdesc. It comes from outside: a device that makes no sense is left out.
 *
 * @param vmdesc The parsed JSON
 * @returns The sizes
 */
export function vmdescSizes(vmdesc: unknown): VmdescSizes {
  const sizes = new Map<string, number>();
  for (const device of list(property(vmdesc, "devices"))) {
    const name = property(device, "name");
    const instance = property(device, "instance_id");
    const size = count(property(device, "size")) ?? fieldsSize(device, 0);
    if (typeof name !== "string" || typeof instance !== "number" || size === undefined) continue;
    // QEMU counts an instance id as signed; on the wire it is a u32.
    sizes.set(sizeKey(name, instance >>> 0), size);
  }
  const pageSize = count(property(vmdesc, "page_size"));
  const valid = pageSize !== undefined && pageSize >= MIN_PAGE_SIZE && pageSize <= MAX_PAGE_SIZE &&
    (pageSize & (pageSize - 1)) === 0;
  return { pageSize: valid ? pageSize : undefined, sizes };
}

function fieldsSize(state: unknown, depth: number): number | undefined {
  if (depth > MAX_DEPTH || !Array.isArray(property(state, "fields"))) return undefined;
  let sum = 0;
  for (const field of list(property(state, "fields"))) {
    const size = count(property(field, "size"));
    if (size === undefined) return undefined;
    sum += size * (count(property(field, "array_len")) ?? 1);
  }
  for (const subsection of list(property(state, "subsections"))) {
    const name = property(subsection, "vmsd_name");
    const size = fieldsSize(subsection, depth + 1);
    if (typeof name !== "string" || size === undefined) return undefined;
    sum += SUBSECTION_HEAD + name.length + size;
  }
  return count(sum);
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Reflect.get(value, name);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
