import { assertEquals } from "@std/assert";
import {
  REGION_HEADER_SIZE,
  REGION_REGISTER,
  regionPlaceName,
  registerAt,
  registerWidth,
} from "./layout.ts";

Deno.test("the registers lie where the structure has them, without a gap", () => {
  const layout = Object.entries(REGION_REGISTER).map(([name, register]) => [
    name.toLowerCase(),
    register,
    registerWidth(register),
  ]);
  assertEquals(layout, [
    ["device_state", 0, 4],
    ["reserved", 4, 4],
    ["pending_bytes", 8, 8],
    ["data_offset", 16, 8],
    ["data_size", 24, 8],
  ]);
  let end = 0;
  for (const register of Object.values(REGION_REGISTER)) {
    assertEquals(register, end);
    end += registerWidth(register);
  }
  assertEquals(end, REGION_HEADER_SIZE);
});

Deno.test("only an access to one whole register is one to a register", () => {
  const found: string[] = [];
  for (let offset = -1; offset <= 64; offset++) {
    for (let length = 0; length <= 32; length++) {
      if (registerAt(offset, length) !== undefined) found.push(`${offset}+${length}`);
    }
  }
  assertEquals(found, ["0+4", "4+4", "8+8", "16+8", "24+8"]);
});

Deno.test("every place has a name", () => {
  assertEquals(
    [0, 4, 8, 16, 24, 2, 28, 32, 4096].map(regionPlaceName),
    [
      "device_state",
      "reserved",
      "pending_bytes",
      "data_offset",
      "data_size",
      "the middle of a register",
      "the middle of a register",
      "the data section",
      "the data section",
    ],
  );
});
