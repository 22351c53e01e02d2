import { assertEquals, assertThrows } from "@std/assert";
import { close, pipe } from "./file.ts";
import { pointerOf } from "./pointer.ts";
import { createPollTable, POLL, poll, pollMany, reventsOf, setPollFd } from "./poll.ts";
import { pairOf } from "./testdata/pair.ts";
import { read, write } from "./transfer.ts";

/** Above every limit on fds that a test is run with. */
const NEVER_OPEN = 0x7fffffff;

Deno.test("poll gives 0 when nothing came in time, then what came", () => {
  const data = pointerOf(new ArrayBuffer(4));
  const [readFd, writeFd] = pairOf(pipe(), "pipe2");
  assertEquals(poll(readFd, POLL.POLLIN, 0), 0);
  assertEquals(poll(readFd, POLL.POLLIN, 5), 0);
  assertEquals(poll(writeFd, POLL.POLLOUT, -1), POLL.POLLOUT);
  assertEquals(write(writeFd, data, 4), 4);
  assertEquals(poll(readFd, POLL.POLLIN, -1), POLL.POLLIN);
  assertEquals(poll(readFd, POLL.POLLOUT, 0), 0);
  close(writeFd);
  assertEquals(poll(readFd, POLL.POLLIN, -1), POLL.POLLIN | POLL.POLLHUP);
  assertEquals(read(readFd, data, 4), 4);
  assertEquals(poll(readFd, POLL.POLLIN, -1), POLL.POLLHUP);
  close(readFd);
});

Deno.test("poll does not wait for an fd that is not open", () => {
  assertEquals(poll(NEVER_OPEN, POLL.POLLIN, -1), POLL.POLLNVAL);
  assertEquals(poll(-9, POLL.POLLIN, -1), POLL.POLLNVAL);
});

Deno.test("pollMany tells which of its fds are ready and passes over unused entries", () => {
  const data = pointerOf(new ArrayBuffer(4));
  const [readA, writeA] = pairOf(pipe(), "pipe2");
  const [readB, writeB] = pairOf(pipe(), "pipe2");
  const table = createPollTable(4);
  assertEquals(pollMany(table, 0), 0);
  setPollFd(table, 0, readA, POLL.POLLIN);
  setPollFd(table, 2, readB, POLL.POLLIN);
  setPollFd(table, 3, writeB, POLL.POLLOUT);
  assertEquals(write(writeA, data, 1), 1);
  assertEquals(pollMany(table, -1), 2);
  const revents = [0, 1, 2, 3].map((index) => reventsOf(table, index));
  assertEquals(revents, [POLL.POLLIN, 0, 0, POLL.POLLOUT]);
  setPollFd(table, 0, -1, 0);
  assertEquals(reventsOf(table, 0), 0);
  assertEquals(pollMany(table, -1), 1);
  for (const fd of [readA, writeA, readB, writeB]) close(fd);
});

Deno.test("a table of a senseless size, and an entry outside the table, are refused", () => {
  for (const count of [0, -1, 1.5, NaN]) {
    assertThrows(() => createPollTable(count), RangeError, `received ${count}`);
  }
  const table = createPollTable(2);
  for (const index of [-1, 2, NaN]) {
    assertThrows(() => setPollFd(table, index, 0, 0), RangeError, `received ${index}`);
  }
});
