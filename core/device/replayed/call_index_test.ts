import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { close } from "../../libc/mod.ts";
import {
  addCall,
  CALL,
  callField,
  closeCallReader,
  createCallIndex,
  FIELD,
  finishCallIndex,
  openCallReader,
  seekCall,
} from "./call_index.ts";

function must<T>(value: T | number): T {
  if (typeof value !== "number") return value;
  throw new Error(`Cannot use an index: received ${value}`);
}

Deno.test("every call is found, forwards, backwards and here and there, and no other", () => {
  for (const count of [0, 1, 4095, 4096, 4097, 20_000]) {
    const writer = must(createCallIndex());
    for (let i = 0; i < count; i++) {
      assertGreaterOrEqual(addCall(writer, CALL.INFO, i, i * 10, i + 1, 2 ** 53 - i, -i), 0);
    }
    const index = must(finishCallIndex(writer));
    const reader = must(openCallReader(index));
    close(index.fd); // the reader's is its own
    const check = (i: number) => {
      const at = seekCall(reader, i);
      const row = Object.values(FIELD).map((field) => callField(reader, at, field));
      assertEquals(row, [CALL.INFO, i, i + 1, 2 ** 53 - i, i === 0 ? row[4] : -i, i * 10]);
    };
    for (let i = 0; i < count; i += 7) check(i);
    for (let i = count - 1; i >= 0; i -= 11) check(i);
    for (let i = 0; i < 200 && count > 0; i++) check((i * 7919) % count);
    assertEquals([seekCall(reader, -1), seekCall(reader, count)], [-1, -1]);
    closeCallReader(reader);
  }
});
