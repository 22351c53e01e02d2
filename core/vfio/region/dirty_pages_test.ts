import { assertEquals } from "@std/assert";
import {
  areDirtyPagesFlags,
  DIRTY_PAGES,
  DIRTY_PAGES_SIZE,
  readDirtyPagesFlags,
  readGetBitmap,
  VFIO_IOMMU_DIRTY_PAGES,
  writeDirtyPages,
  writeGetBitmap,
} from "./dirty_pages.ts";

Deno.test("the request has the kernel's number", () => {
  assertEquals(VFIO_IOMMU_DIRTY_PAGES, 15221);
});

Deno.test("requests have the kernel's layout", () => {
  const bytes = new Uint8Array(8 + 48).fill(0xee);
  const view = new DataView(bytes.buffer);
  writeDirtyPages(view, 0, DIRTY_PAGES.STOP);
  const range = {
    iova: 0x1_0000_0000,
    size: 0x20_0000,
    pgsize: 4096,
    bitmapSize: 64,
    data: 0x7f00_0000_0008,
  };
  writeGetBitmap(view, 8, range);
  // deno-fmt-ignore
  assertEquals([...bytes], [
    8, 0, 0, 0, 2, 0, 0, 0,
    48, 0, 0, 0, 4, 0, 0, 0,
    0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0,
    0, 0x10, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0,
    8, 0, 0, 0, 0, 0x7f, 0, 0,
  ]);
  assertEquals(readDirtyPagesFlags(view, 0), DIRTY_PAGES.STOP);
  assertEquals(readDirtyPagesFlags(view, 8), DIRTY_PAGES.GET_BITMAP);
  const read = { iova: 0, size: 0, pgsize: 0, bitmapSize: 0, data: 0 };
  readGetBitmap(view, 8, read);
  assertEquals(read, range);
});

Deno.test("an argsz that leaves no room for the flags, or for the bitmap, is refused", () => {
  const view = new DataView(new ArrayBuffer(DIRTY_PAGES_SIZE.GET_BITMAP));
  writeDirtyPages(view, 0, DIRTY_PAGES.START);
  view.setUint32(0, 7, true);
  assertEquals(readDirtyPagesFlags(view, 0), -1);
  writeDirtyPages(view, 0, DIRTY_PAGES.GET_BITMAP); // 8 bytes: no range follows
  assertEquals(readDirtyPagesFlags(view, 0), -1);
});

Deno.test("exactly one flag is served", () => {
  const served = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter(areDirtyPagesFlags);
  assertEquals(served, [1, 2, 4]);
});
