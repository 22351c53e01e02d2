import type { Clock } from "../../clock/mod.ts";
import {
  allocatePartsObject,
  freePartsObject,
  PARTS_OBJECT,
  type PartsObjects,
  type PartsObjectType,
} from "./parts_objects.ts";

const NO_OBJECT = -1;

/** A VF's way to its owner: the admin commands, what they cost, and the object of its session. */
export interface AdminCommands {
  readonly clock: Clock;
  readonly commandMs: number;
  readonly objects: PartsObjects;
  objectId: number;
}

export function createAdminCommands(
  clock: Clock,
  commandMs: number,
  objects: PartsObjects,
): AdminCommands {
  return { clock, commandMs, objects, objectId: NO_OBJECT };
}

/** Commands that began at a moment, and what the device takes for them. Time that real work took counts. */
export function spendCommands(
  admin: AdminCommands,
  began_ns: number,
  commands: number,
  deviceMs: number,
): void {
  const cost_ns = (commands * admin.commandMs + deviceMs) * 1e6;
  admin.clock.sleepNs(began_ns + cost_ns - admin.clock.nowNs());
}

/** Whether there is a session's object. */
export function hasObject(admin: AdminCommands): boolean {
  return admin.objectId !== NO_OBJECT;
}

/** Takes the session's object; -ENOSPC where the owner has no id left. The command is the caller's to spend. */
export function createObject(admin: AdminCommands, type: PartsObjectType): number {
  const id = allocatePartsObject(admin.objects, type);
  if (id < 0) return id;
  admin.objectId = id;
  return 0;
}

/** Gives the session's object back. The command is the caller's to spend. */
export function destroyObject(admin: AdminCommands): void {
  freePartsObject(admin.objects, admin.objectId);
  admin.objectId = NO_OBJECT;
}

/** Takes an object for one question and gives it back; -ENOSPC where there is none. Three commands, the caller's to spend. */
export function borrowObject(admin: AdminCommands): number {
  const id = allocatePartsObject(admin.objects, PARTS_OBJECT.GET);
  return id < 0 ? id : freePartsObject(admin.objects, id);
}
