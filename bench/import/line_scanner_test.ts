import { assertEquals } from "@std/assert";
import { LineScanner } from "./line_scanner.ts";
import type { TraceEvent } from "./trace_event.ts";

function scan(pieces: readonly (string | Uint8Array)[]) {
  const events: TraceEvent[] = [];
  const scanner = new LineScanner((event) => events.push(event));
  const encoder = new TextEncoder();
  for (const piece of pieces) {
    scanner.push(typeof piece === "string" ? encoder.encode(piece) : piece);
  }
  scanner.end();
  return { events, scanner };
}

const LOG = [
  "99@1795209450.961641:migrate_set_state new state setup",
  "2026-11-20T21:22:52.101772Z vfio_save_block  (vf0) data_size 24",
  "111@1795209451.029436:migration_transferred_bytes qemu_file 1 multifd 0 RDMA 0",
  "111@1795209451.043158:migration_transferred_bytes qemu_file 2 multifd 0 RDMA 0",
  "7@12.000001:vfio_pci_read_config  (vf0, @0x4, len=0x2) 0x7",
  "savevm_state_iterate ",
  "qemu-system-x86_64: warning: something else",
  "",
  "3@12.000002:migration_transferred_bytes qemu_file 3 multifd 0 RDMA 0",
  "",
].join("\n");

const EVENTS: TraceEvent[] = [
  { us: 1795209450961641, thread: 99, name: "migrate_set_state", args: "new state setup" },
  {
    us: Date.UTC(2026, 10, 20, 21, 22, 52) * 1000 + 101772,
    thread: null,
    name: "vfio_save_block",
    args: " (vf0) data_size 24",
  },
  {
    us: 1795209451043158,
    thread: 111,
    name: "migration_transferred_bytes",
    args: "qemu_file 2 multifd 0 RDMA 0",
  },
  { us: null, thread: null, name: "savevm_state_iterate", args: "" },
  {
    us: 12000002,
    thread: 3,
    name: "migration_transferred_bytes",
    args: "qemu_file 3 multifd 0 RDMA 0",
  },
];

Deno.test("all three prefixes are read, events that nobody needs are not, and of the frequent one only the last before another", () => {
  const { events, scanner } = scan([LOG]);
  assertEquals(events, EVENTS);
  assertEquals([scanner.lines, scanner.used, scanner.unreadable], [9, 5, 0]);
  assertEquals(scanner.isWhole, true);
});

Deno.test("it does not matter where the pieces are cut", () => {
  const bytes = new TextEncoder().encode(LOG);
  for (let size = 1; size < 120; size++) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
    assertEquals(scan(pieces).events, EVENTS);
  }
});

Deno.test("Windows line ends do no harm", () => {
  assertEquals(scan([LOG.replaceAll("\n", "\r\n")]).events, EVENTS);
});

Deno.test("two lines that were run together are two events, if the second has its beginning", () => {
  const { events } = scan([
    "99@12.000001:vfio_save_block  (vf0) da111@1795209451.0000031:savevm_state_iterate \n",
    "2026-11-20T21:22:52.101772Z vfio_save_bl2026-11-20T21:22:52.101773Z migration_precopy_complete \n",
    "99@12.000002:vfio_save_block  (vf0) da111@1795209451.000003:savevm_state_iterate \n",
  ]);
  assertEquals(events.map(({ name, args }) => [name, args]), [
    ["vfio_save_block", " (vf0) da111@1795209451.0000031:savevm_state_iterate "],
    ["vfio_save_block", " (vf0) da"],
    ["savevm_state_iterate", ""],
  ]);
});

Deno.test("a last line without an end is read, and said to be cut off", () => {
  const { events, scanner } = scan(["99@12.000001:migrate_set_state new state set"]);
  assertEquals(events.map(({ args }) => args), ["new state set"]);
  assertEquals(scanner.isWhole, false);
});

Deno.test("bytes without a line end are dropped, and what follows them is read", () => {
  const noise = new Uint8Array(100_000).fill(0xff);
  const { events, scanner } = scan([noise, noise, "\n", LOG]);
  assertEquals(events, EVENTS);
  assertEquals(scanner.unreadable, 2);
});
