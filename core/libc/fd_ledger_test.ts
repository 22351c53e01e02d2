import { assert, assertEquals } from "@std/assert";
import { close, dup, OPEN, open, pipe } from "./file.ts";
import { createFdLedger, fdsOf, keepFdLedger } from "./fd_ledger.ts";
import { memfdCreate } from "./memfd.ts";
import { SOCK, socketpair, socketTcp } from "./socket.ts";

Deno.test("a ledger has every fd that its thread opened and did not close", () => {
  const before = memfdCreate("before");
  const ledger = createFdLedger();
  keepFdLedger(ledger);
  const opened: number[] = [];
  try {
    const take = (result: number | readonly number[]) => {
      opened.push(...(typeof result === "number" ? [result] : result));
    };
    take(open("/dev/null", OPEN.O_RDONLY));
    take(memfdCreate("state"));
    take(dup(before));
    take(pipe());
    take(socketpair(SOCK.SOCK_STREAM));
    take(socketTcp());
    assert(opened.every((fd) => fd >= 0));
    assertEquals(fdsOf(ledger), opened.toSorted((a, b) => a - b));
    // A call that fails opens nothing, and another thread's fd is not in it.
    assert(open("/nowhere/at/all", OPEN.O_RDONLY) < 0);
    close(before);
    assertEquals(fdsOf(ledger).length, 8);
    for (const fd of opened.splice(0)) close(fd);
    assertEquals(fdsOf(ledger), []);
  } finally {
    for (const fd of opened) close(fd);
    keepFdLedger(null);
  }
  close(memfdCreate("after"));
  assertEquals(fdsOf(ledger), []);
});
