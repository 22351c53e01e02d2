// Streams that QEMU 10.0 wrote; see testdata/README.md.

import { assert, assertEquals, assertGreater } from "@std/assert";
import { sizeKey, vmdescSizes } from "./mod.ts";
import { gunzip } from "./testdata/gunzip.ts";
import { readEvents, type Seen } from "./testdata/read_events.ts";

const VFIO = "0000:00:04.0/vfio";
const file = await gunzip("qemu-10.0-file.bin.gz");
const ack = await gunzip("qemu-10.0-ack.bin.gz");
const multifd = await gunzip("qemu-10.0-multifd-main.bin.gz");

/** What the sections of a device hold: PART DATA 24 END_OF_STATE, ... */
function deviceSections(events: readonly Seen[]): string[] {
  const sections: string[] = [];
  let open = false;
  for (const [name, , a, , idstr] of events) {
    if (name === "SECTION") open = idstr === VFIO;
    if (name === "SECTION_END") open = false;
    if (name === "PAYLOAD" || !open) continue;
    if (name === "SECTION") sections.push(["", "START", "PART", "END", "FULL"][Number(a)] ?? "");
    else sections.push(`${sections.pop()} ${name}${a === undefined ? "" : ` ${a}`}`);
  }
  return sections;
}

function count(events: readonly Seen[], ...wanted: (string | number)[]): number {
  return events.filter(([name, , a, b]) => wanted.every((w, i) => [name, a, b][i] === w)).length;
}

Deno.test("a migration saved to a file decodes to its end", () => {
  const events = readEvents(file);
  assertEquals(events.slice(0, 5), [
    ["HEADER", 0],
    ["CONFIGURATION", 8, "pc-q35-10.0"],
    ["SECTION", 24, 1, 1, "ram"],
    ["RAM_SETUP", 41, 67641344],
    ["RAM_BLOCK", 49, "pc.ram", 67108864],
  ]);
  assertEquals(deviceSections(events), [
    "START SETUP END_OF_STATE",
    "PART DATA 24 END_OF_STATE",
    ...Array(6).fill("PART END_OF_STATE"),
    "END DATA 72 END_OF_STATE",
    "FULL CONFIG 4116 END_OF_STATE",
  ]);
  assertEquals(count(events, "COMMAND", 11), 1);
  const pages = events.filter(([name]) => name === "RAM_PAGE");
  const ofFlag = (flag: number) => pages.filter(([, , , one]) => one === flag).length;
  assertEquals([ofFlag(0x08), ofFlag(0x02), pages.length], [509, 16261, 16770]);
  assertEquals(
    new Set(pages.map(([, , block]) => block)),
    new Set([
      "pc.ram",
      "pc.bios",
      "/rom@etc/acpi/tables",
      "/rom@etc/table-loader",
      "/rom@etc/acpi/rsdp",
      "pc.rom",
    ]),
  );
  assertEquals(count(events, "SKIPPED"), 30);
  const [vmdesc, json] = events.slice(-2);
  assertEquals(vmdesc, ["VMDESC", 2318370, 44260]);
  assertEquals(json?.[1], 2318375);
});

Deno.test("sections of others end where the vmdesc says, and where the search says", () => {
  for (const stream of [file, ack, multifd]) {
    const searched = readEvents(stream);
    const json = Uint8Array.fromHex(String(searched.at(-1)?.[2]));
    const { sizes, pageSize } = vmdescSizes(JSON.parse(new TextDecoder().decode(json)));
    assertEquals(pageSize, 4096);
    assertEquals(readEvents(stream, [], { sizes }), searched);
    const known = searched.filter(([name, , , , idstr]) =>
      name === "SECTION" && sizes.has(sizeKey(`${idstr}`, 0))
    );
    assertGreater(known.length, 28);
  }
});

Deno.test("the main channel with switchover-ack says when the initial data is sent", () => {
  const events = readEvents(ack);
  assertEquals(events.slice(2, 4).map(([name, , ...rest]) => [name, ...rest]), [
    ["COMMAND", 1, 0, 0],
    ["COMMAND", 2, 1, 0],
  ]);
  assertEquals(deviceSections(events), [
    "START SETUP END_OF_STATE",
    "PART DATA 24 INIT_DATA_SENT",
    ...Array(9).fill("PART END_OF_STATE"),
    "END DATA 72 END_OF_STATE",
    "FULL CONFIG 4116 END_OF_STATE",
  ]);
});

Deno.test("with multifd, stop-copy and config leave nothing on the main channel", () => {
  const events = readEvents(multifd);
  assertEquals(deviceSections(events), [
    "START SETUP END_OF_STATE",
    "PART DATA 24 INIT_DATA_SENT",
    ...Array(7).fill("PART END_OF_STATE"),
    "END END_OF_STATE",
    "FULL END_OF_STATE",
  ]);
  assertEquals(count(events, "RAM_FLUSH"), 4);
  assertEquals(count(events, "RAM_PAGE"), 0);
});

Deno.test("a capture in pieces gives the same events", () => {
  const whole = readEvents(multifd);
  for (const size of [1, 7, 64, 4096, 65_521]) {
    const cuts = Array.from({ length: multifd.length / size | 0 }, (_, i) => i * size);
    assertEquals(readEvents(multifd, cuts), whole);
  }
  const pieces = Array.from({ length: file.length / 999 | 0 }, (_, i) => i * 999);
  assert(JSON.stringify(readEvents(file, pieces)) === JSON.stringify(readEvents(file)));
});
