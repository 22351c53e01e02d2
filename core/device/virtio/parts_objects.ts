import { ERRNO } from "../../libc/mod.ts";

/** What a device-parts object is for: the parts are read by it, or written. */
export const PARTS_OBJECT = { GET: 1, SET: 2 } as const;

export type PartsObjectType = typeof PARTS_OBJECT[keyof typeof PARTS_OBJECT];

/**
 * The device-parts objects of one owner (a PF), which all of its VFs share. There are few ids, so that a
 * VF has an object while it migrates and at no other time.
 */
export interface PartsObjects {
  /** What each id is in use for; 0 where it is free. */
  readonly types: Uint8Array;
  inUse: number;
}

/** The most ids an owner can have, as it counts them in 8 bits. */
export const MAX_PARTS_OBJECTS = 255;

/** An owner without objects; ids go from 0 to `limit - 1`. */
export function createPartsObjects(limit: number = MAX_PARTS_OBJECTS): PartsObjects {
  return { types: new Uint8Array(limit), inUse: 0 };
}

/** Takes the lowest free id; -ENOSPC where there is none. */
export function allocatePartsObject(objects: PartsObjects, type: PartsObjectType): number {
  const id = objects.types.indexOf(0);
  if (id < 0) return -ERRNO.ENOSPC;
  objects.types[id] = type;
  objects.inUse++;
  return id;
}

/** Gives an id back; -EINVAL where it is not in use. */
export function freePartsObject(objects: PartsObjects, id: number): number {
  if (!objects.types[id]) return -ERRNO.EINVAL;
  objects.types[id] = 0;
  objects.inUse--;
  return 0;
}
