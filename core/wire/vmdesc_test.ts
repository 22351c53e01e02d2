import { assertEquals } from "@std/assert";
import { vmdescSizes } from "./mod.ts";

Deno.test("sizes are those of fields, arrays and subsections", () => {
  const { sizes, pageSize } = vmdescSizes({
    page_size: 4096,
    devices: [
      {
        name: "fw_cfg",
        instance_id: 0,
        fields: [{ name: "a", size: 2 }, { name: "b", size: 4, array_len: 3 }],
        subsections: [{
          vmsd_name: "fw_cfg/dma",
          version: 1,
          fields: [{ name: "c", size: 8 }],
          subsections: [{ vmsd_name: "x", version: 1, fields: [] }],
        }],
      },
      { name: "0000:00:04.0/vfio", instance_id: -1, size: 4132, fields: [{ name: "data" }] },
    ],
  });
  assertEquals(pageSize, 4096);
  const subsections = (1 + 1 + 10 + 4 + 8) + (1 + 1 + 1 + 4);
  assertEquals([...sizes], [
    ["0 fw_cfg", 14 + subsections],
    ["4294967295 0000:00:04.0/vfio", 4132],
  ]);
});

Deno.test("what makes no sense is left out", () => {
  let deep: object = { vmsd_name: "x", fields: [] };
  for (let i = 0; i < 10_000; i++) deep = { vmsd_name: "x", fields: [], subsections: [deep] };
  const devices = [
    null,
    7,
    { name: "no instance", fields: [] },
    { name: "negative", instance_id: 0, fields: [{ size: -1 }] },
    { name: "huge", instance_id: 0, fields: [{ size: 1e15, array_len: 1e15 }] },
    { name: "text", instance_id: 0, fields: [{ size: "8" }] },
    { name: "deep", instance_id: 0, fields: [], subsections: [deep] },
    { name: "no fields", instance_id: 0 },
    { name: "fine", instance_id: 0, fields: [] },
  ];
  assertEquals([...vmdescSizes({ devices, page_size: 3000 }).sizes], [["0 fine", 0]]);
  assertEquals(vmdescSizes({ page_size: 3000 }).pageSize, undefined);
  for (const odd of [null, [], "x", 7, { devices: {} }]) {
    assertEquals(vmdescSizes(odd).sizes.size, 0);
  }
});
