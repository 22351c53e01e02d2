import { assertEquals, assertRejects } from "@std/assert";
import { createInbox } from "./inbox.ts";

Deno.test("values come in their order, whoever is first", async () => {
  const inbox = createInbox<number>(2);
  assertEquals([inbox.push(1), inbox.push(2), inbox.push(3)], [true, true, false]);
  assertEquals([await inbox.next(), await inbox.next()], [1, 2]);
  const waiting = [inbox.next(), inbox.next()];
  inbox.push(4);
  inbox.push(5);
  assertEquals(await Promise.all(waiting), [4, 5]);
});

Deno.test("an inbox that failed gives what it has, then the first reason", async () => {
  const inbox = createInbox<number>(2);
  const early = createInbox<number>(1);
  const waiting = early.next();
  early.fail(new Error("first"));
  await assertRejects(() => waiting, Error, "first");
  inbox.push(1);
  inbox.fail(new Error("first"));
  inbox.fail(new Error("second"));
  assertEquals([inbox.push(2), await inbox.next()], [true, 1]);
  await assertRejects(() => inbox.next(), Error, "first");
});
