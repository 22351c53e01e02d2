import { assertEquals } from "@std/assert";
import { findVmdesc } from "./find_vmdesc.ts";

async function find(bytes: Uint8Array): Promise<[string, number][] | undefined> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    using file = await Deno.open(path);
    const found = await findVmdesc(file, bytes.length);
    return found === undefined ? undefined : [...found.sizes];
  } finally {
    await Deno.remove(path);
  }
}

/** A stream's end: something, EOF, and a vmdesc of `json` that says it is `length` bytes long. */
function tail(before: Uint8Array, json: string, length = json.length): Uint8Array {
  const bytes = new Uint8Array(before.length + 6 + json.length);
  bytes.set(before);
  bytes[before.length + 1] = 6;
  new DataView(bytes.buffer).setUint32(before.length + 2, length);
  bytes.set(new TextEncoder().encode(json), before.length + 6);
  return bytes;
}

const DEVICES = '{"devices":[{"name":"timer","instance_id":0,"size":24}]}';
const NONE = new Uint8Array();

Deno.test("the vmdesc is found at the end, whatever is before it", async () => {
  assertEquals(await find(tail(NONE, DEVICES)), [["0 timer", 24]]);
  const sixes = new Uint8Array(1 << 20).fill(6);
  assertEquals(await find(tail(sixes, DEVICES)), [["0 timer", 24]]);
});

Deno.test("a length with a 06 in it does not hide it", async () => {
  const json = DEVICES + " ".repeat(0x0606 - DEVICES.length);
  assertEquals(await find(tail(new Uint8Array(9), json)), [["0 timer", 24]]);
});

Deno.test("a vmdesc longer than the first look is found", async () => {
  const json = DEVICES + " ".repeat(300 * 1024);
  assertEquals(await find(tail(new Uint8Array(9), json)), [["0 timer", 24]]);
});

Deno.test("what is no vmdesc is none", async () => {
  assertEquals(await find(NONE), undefined);
  assertEquals(await find(new Uint8Array(100).fill(6)), undefined);
  assertEquals(await find(new Uint8Array([0, 6, 0, 0, 0])), undefined);
  assertEquals(await find(tail(NONE, DEVICES, DEVICES.length - 1)), undefined);
  assertEquals(await find(tail(NONE, "{".repeat(1000))), undefined);
});
