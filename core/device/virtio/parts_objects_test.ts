import { assertEquals } from "@std/assert";
import { ERRNO } from "../../libc/mod.ts";
import {
  allocatePartsObject,
  createPartsObjects,
  freePartsObject,
  MAX_PARTS_OBJECTS,
  PARTS_OBJECT,
} from "./parts_objects.ts";

const { GET, SET } = PARTS_OBJECT;

Deno.test("an owner has 255 ids, and the 256th object is ENOSPC", () => {
  const objects = createPartsObjects();
  assertEquals(MAX_PARTS_OBJECTS, 255);
  for (let id = 0; id < 255; id++) {
    assertEquals(allocatePartsObject(objects, id % 2 === 0 ? GET : SET), id);
  }
  assertEquals(objects.inUse, 255);
  assertEquals(allocatePartsObject(objects, GET), -ERRNO.ENOSPC);
  assertEquals(allocatePartsObject(objects, SET), -ERRNO.ENOSPC);
  assertEquals(objects.inUse, 255);
});

Deno.test("the lowest id that was given back is taken next", () => {
  const objects = createPartsObjects(3);
  for (let id = 0; id < 3; id++) allocatePartsObject(objects, GET);
  assertEquals(freePartsObject(objects, 2), 0);
  assertEquals(freePartsObject(objects, 0), 0);
  assertEquals(objects.inUse, 1);
  assertEquals(allocatePartsObject(objects, SET), 0);
  assertEquals(allocatePartsObject(objects, SET), 2);
  assertEquals([...objects.types], [SET, GET, SET]);
});

Deno.test("an id that is not in use cannot be given back", () => {
  const objects = createPartsObjects(2);
  assertEquals(freePartsObject(objects, 0), -ERRNO.EINVAL);
  assertEquals(freePartsObject(objects, 2), -ERRNO.EINVAL);
  assertEquals(freePartsObject(objects, -1), -ERRNO.EINVAL);
  allocatePartsObject(objects, GET);
  freePartsObject(objects, 0);
  assertEquals(freePartsObject(objects, 0), -ERRNO.EINVAL);
  assertEquals(objects.inUse, 0);
});
