import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  encodeConfiguration,
  encodeDataHead,
  encodeDataRecord,
  encodeEndOfState,
  encodeEof,
  encodeFileHeader,
  encodePass,
  encodeRamHead,
  encodeRamSetup,
  encodeRamTail,
  encodeSetupSection,
  encodeStopCopyHead,
  encodeTag,
  OWN_MACHINE,
  SECTION,
  VFIO_TAG,
} from "../core/wire/mod.ts";
import type { Entry } from "./inspect/mod.ts";
import { inspectCommand } from "./inspect_command.ts";
import { UsageError } from "./usage_error.ts";

const CAPTURES = new URL("../core/wire/testdata/", import.meta.url);

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the command prints. Another test's output cannot come between: it runs one after the other. */
async function inspect(...args: string[]): Promise<{ code: number; out: string }> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: string) => void lines.push(line);
  try {
    return { code: await inspectCommand(args), out: lines.join("\n") };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { code: 2, out: `${lines.join("\n")}\n!${error.message}` };
  } finally {
    console.log = log;
  }
}

async function unpack(name: string, folder: string): Promise<string> {
  const path = `${folder}/${name.replace(".gz", "")}`;
  const file = await Deno.open(new URL(name, CAPTURES));
  await Deno.writeFile(path, file.readable.pipeThrough(new DecompressionStream("gzip")));
  return path;
}

Deno.test("a migration saved by QEMU is listed", () =>
  inFolder(async (folder) => {
    const { code, out } = await inspect(await unpack("qemu-10.0-file.bin.gz", folder));
    assertEquals(code, 0, out);
    const lines = out.split("\n").map((line) => line.trim().replaceAll(/  +/g, " | "));
    assertEquals(lines.slice(0, 13), [
      "offset | kind | id | count | section | content",
      "0 | HEADER",
      "8 | CONFIGURATION | machine pc-q35-10.0",
      "24 | START | 1 | ram | RAM of 64.5 MiB in 6 blocks",
      "194 | START | 38 | 0000:00:04.0/vfio | SETUP, END_OF_STATE",
      "246 | PART | 1 | x2 | ram | 163 pages, 4319 zero pages, 652 KiB",
      "678709 | PART | 38 | 0000:00:04.0/vfio | DATA 24 B, END_OF_STATE",
      "708170 | PART | 38 | x6 | 0000:00:04.0/vfio | END_OF_STATE",
      "708188 | PART | 1 | x5 | ram | 218 pages, 11942 zero pages, 872 KiB",
      "1710602 | COMMAND | SWITCHOVER_START",
      "1710607 | END | 1 | ram | 128 pages, 512 KiB",
      "2235937 | END | 38 | 0000:00:04.0/vfio | DATA 72 B, END_OF_STATE",
      "2236043 | FULL | 0 | timer | 24 B",
    ]);
    assert(lines.includes("2239009 | FULL | 12 | dma #1 | 75 B"), out);
    assert(lines.includes("2314037 | FULL | 38 | 0000:00:04.0/vfio | CONFIG 4 KiB, END_OF_STATE"));
    assertEquals(lines.slice(-4), [
      "2318369 | EOF",
      "2318370 | VMDESC | 43.2 KiB",
      "0000:00:04.0/vfio: precopy 24 B in 1 record, stop-copy 72 B in 1 record, config 4 KiB, INIT_DATA_SENT 0",
      "total: 2.3 MiB in 49 sections: VFIO 4.1 KiB, RAM 2 MiB, other 118.7 KiB, framing 148.4 KiB",
    ]);
  }));

Deno.test("--json is one document, and every byte of the stream is in it once", () =>
  inFolder(async (folder) => {
    for (const name of ["file", "ack", "multifd-main"]) {
      const path = await unpack(`qemu-10.0-${name}.bin.gz`, folder);
      const { code, out } = await inspect("--json", path);
      assertEquals(code, 0);
      const document = JSON.parse(out);
      assertEquals(
        [document.schema, document.file, document.complete, document.error],
        ["vfio-migbench/stream@1", path, true, null],
      );
      const { size } = await Deno.stat(path);
      const sections: Entry[] = document.sections;
      const listed = sections.reduce((sum, entry) => sum + entry.length_bytes, 0);
      const { totals } = document;
      assertEquals([listed, totals.stream_bytes], [size, size]);
      assertEquals(
        totals.vfio_bytes + totals.ram_bytes + totals.other_bytes + totals.framing_bytes,
        size,
      );
      const [device] = document.devices;
      const multifd = name === "multifd-main";
      assertEquals(device, {
        idstr: "0000:00:04.0/vfio",
        instance: 0,
        id: 38,
        sections: device.sections,
        precopy: { records: 1, data_bytes: 24 },
        stop_copy: multifd ? { records: 0, data_bytes: 0 } : { records: 1, data_bytes: 72 },
        config_bytes: multifd ? 0 : 4116,
        init_data_sent: name === "file" ? 0 : 1,
      });
    }
  }));

/** A stream of ours: rounds of RAM and two devices, then one long record. */
async function writeOwn(path: string, rounds: number, longRecord: number): Promise<void> {
  const bytes = new Uint8Array(1 << 20);
  const view = new DataView(bytes.buffer);
  let at = encodeFileHeader(view, 0);
  at += encodeConfiguration(view, at, OWN_MACHINE);
  at += encodeRamSetup(view, at, 0, 1 << 20);
  for (const id of [1, 2]) at += encodeSetupSection(view, at, id, `nic${id}/vfio`, 0);
  for (let round = 0; round < rounds; round++) {
    at += encodeRamHead(view, at, SECTION.PART, 0, 100) + 100;
    at += encodeRamTail(view, at, 0);
    at += encodeDataHead(view, at, 1, 1 + round) + 1 + round;
    at += encodeEndOfState(view, at, 1);
    at += encodePass(view, at, 2, VFIO_TAG.END_OF_STATE);
  }
  at += encodeDataHead(view, at, 1, longRecord);
  const tail = new Uint8Array(32);
  const tailView = new DataView(tail.buffer);
  const n = encodeEndOfState(tailView, 0, 1);
  const tailLength = n + encodeEof(tailView, n);
  using file = await Deno.open(path, { write: true, create: true });
  await file.write(bytes.subarray(0, at));
  await file.seek(at + longRecord, Deno.SeekMode.Start);
  await file.write(tail.subarray(0, tailLength));
}

Deno.test("rounds of ours are folded, and a record of 4 GiB is seeked over", () =>
  inFolder(async (folder) => {
    const path = `${folder}/own.bin`;
    await writeOwn(path, 50, 4 * 2 ** 30);
    const { code, out } = await inspect(path);
    assertEquals(code, 0, out);
    const lines = out.split("\n").map((line) => line.trim().replaceAll(/  +/g, " | "));
    assertEquals(lines.slice(2, -2).map((line) => line.replace(/^\d+ \| /, "")), [
      "CONFIGURATION | machine vfio-migbench",
      "START | 0 | vfio-migbench/ram | RAM of 1 MiB",
      "START | 1 | nic1/vfio | SETUP, END_OF_STATE",
      "START | 2 | nic2/vfio | SETUP, END_OF_STATE",
      "PART | 0 | x50 | vfio-migbench/ram | 50 records, 4.9 KiB",
      "PART | 1 | x50 | nic1/vfio | DATA 1.2 KiB (1 B to 50 B), END_OF_STATE",
      "PART | 2 | x50 | nic2/vfio | END_OF_STATE",
      "PART | 1 | nic1/vfio | DATA 4 GiB, END_OF_STATE",
      "EOF",
      "nic1/vfio: precopy 4 GiB in 51 records, stop-copy none, config 0 B, INIT_DATA_SENT 0",
    ]);
  }));

Deno.test("a stream that breaks off is listed up to there, and the exit says so", () =>
  inFolder(async (folder) => {
    const path = `${folder}/own.bin`;
    // So long that what is left of it is seeked over.
    await writeOwn(path, 3, 1 << 20);
    const whole = await Deno.readFile(path);
    await Deno.writeFile(path, whole.subarray(0, whole.length - 500));
    const { code, out } = await inspect(path);
    assertEquals(code, 2);
    assertMatch(out, /nic1\/vfio +DATA 1 MiB \(broken off\)\n/);
    const last = out.split("\n").at(-1) ?? "";
    assertMatch(last, /^!Cannot inspect .*own\.bin: cannot read byte \d+ .* received its end$/);
    const json = await inspect(path, "--json");
    const [document = "", message] = json.out.split("\n!");
    const { complete, error, sections, totals } = JSON.parse(document);
    assertEquals([complete, sections.at(-1).broken, totals.stream_bytes], [
      false,
      true,
      whole.length - 500,
    ]);
    assertEquals(message?.toLowerCase().endsWith(error.toLowerCase()), true);
  }));

Deno.test("a section that alternates without end is one bounded line", () =>
  inFolder(async (folder) => {
    const bytes = new Uint8Array(1 << 16);
    const view = new DataView(bytes.buffer);
    let at = encodeFileHeader(view, 0);
    at += encodeConfiguration(view, at, "pc-q35-10.0");
    at += encodeSetupSection(view, at, 1, "nic/vfio", 0);
    at += encodeStopCopyHead(view, at, 1);
    for (let i = 0; i < 500; i++) {
      at += encodeTag(view, at, VFIO_TAG.CONFIG);
      at += encodeTag(view, at, VFIO_TAG.END_OF_STATE);
      at += encodeDataRecord(view, at, 1) + 1;
    }
    at += encodeEndOfState(view, at, 1);
    at += encodeEof(view, at);
    const path = `${folder}/alternating.bin`;
    await Deno.writeFile(path, bytes.subarray(0, at));
    const { code, out } = await inspect(path, "--json");
    assertEquals(code, 0, out);
    const { records = [] } = JSON.parse(out).sections.at(-2);
    assertEquals([records.length, records.at(-1).kind], [64, "OTHER"]);
    const sum = records.reduce((n: number, run: { count: number }) => n + run.count, 0);
    assertEquals(sum, 1501);
  }));

Deno.test("what cannot be inspected at all is one line, and nothing is printed", () =>
  inFolder(async (folder) => {
    const refused = async (says: RegExp, ...args: string[]) => {
      const error = await assertRejects(() => inspectCommand(args), UsageError);
      assertMatch(error.message, says);
      assertEquals(error.message.includes("\n"), false);
      const { out } = await inspect(...args);
      assertEquals(out, `\n!${error.message}`);
    };
    await refused(/Cannot inspect 0 files: expected the path of one/);
    await refused(/Cannot inspect 2 files/, "a", "b");
    await refused(/Cannot take --jsn: there is no such flag/, "a", "--jsn");
    await refused(/there is no such file/, `${folder}/none`);
    await refused(/[Ii]s a directory/, folder);
    const path = `${folder}/text`;
    await Deno.writeTextFile(path, "this is no stream");
    await refused(/as the header of a migration stream/, path);
    await refused(/as the header of a migration stream/, path, "--json");
    await Deno.writeTextFile(path, "");
    await refused(/received its end/, path);
  }));

Deno.test("--help says what it does", async () => {
  const { code, out } = await inspect("--help");
  assertEquals(code, 0);
  assertMatch(out, /deno task inspect FILE \[--json\]/);
});

Deno.test("damaged captures end in the list or in one line, never in anything else", () =>
  inFolder(async (folder) => {
    const path = await unpack("qemu-10.0-multifd-main.bin.gz", folder);
    const whole = await Deno.readFile(path);
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed % below;
    };
    for (let i = 0; i < 150; i++) {
      const damaged = whole.slice(0, 1 + random(whole.length));
      for (let n = 0; n < 4; n++) {
        damaged[random(Math.min(damaged.length, 4000))] = random(256);
      }
      await Deno.writeFile(path, damaged);
      const { code, out } = await inspect("--json", path);
      assert(code === 0 || code === 2);
      const [document = ""] = out.split("\n!");
      if (document !== "") JSON.parse(document);
    }
  }));
