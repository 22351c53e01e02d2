import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { PeerError } from "./peer_error.ts";
import { createTickets } from "./tickets.ts";

Deno.test("a ticket is good once, for whom it was issued", async () => {
  const tickets = createTickets();
  const [a, b] = [tickets.issue(), tickets.issue()];
  assertMatch(a.ticket, /^[0-9a-f]{64}$/);
  assertEquals(a.ticket === b.ticket, false);
  tickets.redeem(b.ticket)?.resolve(8);
  tickets.redeem(a.ticket)?.resolve(7);
  assertEquals([await a.arrived, await b.arrived], [7, 8]);
  assertEquals(tickets.redeem(a.ticket), undefined);
  assertEquals(tickets.redeem("0".repeat(64)), undefined);
});

Deno.test("tickets that were revoked are good no more; one that somebody brought is his", async () => {
  const tickets = createTickets();
  const [a, b] = [tickets.issue(), tickets.issue()];
  const brought = tickets.redeem(a.ticket);
  tickets.revoke(new PeerError("late", "over"));
  assertEquals(tickets.redeem(b.ticket), undefined);
  await assertRejects(() => b.arrived, PeerError, "over");
  brought?.resolve(7);
  assertEquals(await a.arrived, 7);
});
