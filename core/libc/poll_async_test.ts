import { assert, assertEquals } from "@std/assert";
import { close } from "./file.ts";
import { pointerOf } from "./pointer.ts";
import { POLL } from "./poll.ts";
import { pollAsync } from "./poll_async.ts";
import { SHUT, shutdown, SOCK, socketpair } from "./socket.ts";
import { pairOf } from "./testdata/pair.ts";
import { write } from "./transfer.ts";

const byte = pointerOf(new ArrayBuffer(1));

Deno.test("a wait ends when a byte comes, and the thread goes on meanwhile", async () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  const order: string[] = [];
  const wait = pollAsync(near, POLL.POLLIN, 60_000).then((events) => {
    order.push("ready");
    return events;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  order.push("meanwhile");
  assertEquals(write(far, byte, 1), 1);
  assertEquals(await wait, POLL.POLLIN);
  assertEquals(order, ["meanwhile", "ready"]);
  close(near);
  close(far);
});

Deno.test("a wait that nothing ends is over when its time is up", async () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  assertEquals(await pollAsync(near, POLL.POLLIN, 1), 0);
  assertEquals(await pollAsync(near, POLL.POLLOUT, 0), POLL.POLLOUT);
  close(near);
  close(far);
});

Deno.test("a shutdown of its own end ends a wait, and several wait at a time", async () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  const waits = [near, near, far].map((fd) => pollAsync(fd, POLL.POLLIN, 60_000));
  await new Promise((resolve) => setTimeout(resolve, 5));
  shutdown(near, SHUT.SHUT_RDWR);
  for (const events of await Promise.all(waits)) assert((events & POLL.POLLIN) !== 0);
  close(near);
  close(far);
});

Deno.test("what is no open fd is said to be none", async () => {
  assertEquals(await pollAsync(-1, POLL.POLLIN, -1), POLL.POLLNVAL);
  assertEquals(await pollAsync(1_000_000, POLL.POLLIN, -1), POLL.POLLNVAL);
});
