import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createLineReader, depthOf, LINE_LIMITS, type LineLimits } from "./line_reader.ts";
import { PeerError } from "./peer_error.ts";
import { endPeerSocket, writeAll } from "./peer_socket.ts";
import { socketPair } from "./testdata/parts.ts";

const soon = () => performance.now() + 10_000;

/** What a reader makes of bytes that come in pieces; the last thing may be why it gave up. */
async function readAll(
  pieces: readonly (string | Uint8Array<ArrayBuffer>)[],
  limits: Partial<LineLimits> = {},
): Promise<unknown[]> {
  const [near, far] = socketPair();
  const reader = createLineReader(far, { ...LINE_LIMITS, ...limits });
  const send = async () => {
    for (const piece of pieces) {
      const bytes = typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
      await writeAll(near, bytes, soon());
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    endPeerSocket(near);
  };
  const read = async () => {
    const values: unknown[] = [];
    try {
      for (;;) values.push(await reader.next());
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      values.push(`${error.trouble}: ${error.message}`);
    }
    endPeerSocket(far);
    return values;
  };
  const [values] = await Promise.all([read(), send().catch(() => {})]);
  return values;
}

Deno.test("lines come one by one, however they are cut", async () => {
  const gone = /^gone: /;
  for (
    const pieces of [
      ['{"a":1}\n[2]\n"\u00e9"\n'],
      ['{"a"', ":1}\n[", '2]\n"\u00e9"', "\n"],
      [...new TextEncoder().encode('{"a":1}\n[2]\n"\u00e9"\n')].map((byte) => Uint8Array.of(byte)),
    ]
  ) {
    const values = await readAll(pieces);
    assertEquals(values.slice(0, 3), [{ a: 1 }, [2], "\u00e9"]);
    assertMatch(String(values[3]), gone);
  }
});

Deno.test("a line that is too long is refused before it is all there", async () => {
  const [value] = await readAll([`"${"x".repeat(5_000)}`, "x".repeat(5_000)], { most_bytes: 4096 });
  assertEquals(value, "garbage: far sent a line of more than 4096 bytes");
  const whole = await readAll([`"${"x".repeat(40_000)}"\n`], { most_bytes: 40_002 });
  assertEquals(whole[0], "x".repeat(40_000));
});

Deno.test("what is no JSON, no UTF-8, or nested too deep is refused", async () => {
  assertEquals((await readAll(["{]\n"]))[0], "garbage: far sent a line that is no JSON");
  assertEquals((await readAll(["\n"]))[0], "garbage: far sent a line that is no JSON");
  assertEquals(
    (await readAll([Uint8Array.of(0x22, 0xff, 0x22, 0x0a)]))[0],
    "garbage: far sent a line that is not UTF-8",
  );
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  assertEquals(
    (await readAll([`${deep}\n`]))[0],
    "garbage: far sent JSON that is nested more than 32 deep",
  );
  assertEquals((await readAll([`${"[".repeat(32)}${"]".repeat(32)}\n`])).length, 2);
});

Deno.test("a peer that says nothing, or never comes to the end of a line, is late", async () => {
  const [near, far] = socketPair();
  const silent = createLineReader(far, { ...LINE_LIMITS, silence_ms: 20 });
  assertEquals((await assertRejects(() => silent.next(), PeerError)).trouble, "late");
  // A byte now and then keeps the silence away, and not the line's own time.
  const slow = createLineReader(far, { ...LINE_LIMITS, line_ms: 60 });
  let isOver = false;
  const drip = async () => {
    while (!isOver) {
      await writeAll(near, new TextEncoder().encode("1"), soon());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const dripping = drip();
  assertEquals((await assertRejects(() => slow.next(), PeerError)).trouble, "late");
  isOver = true;
  await dripping;
  endPeerSocket(near);
  endPeerSocket(far);
});

Deno.test("brackets in strings are no nesting", () => {
  assertEquals(depthOf('{"a":[1,{"b":[]}]}'), 4);
  assertEquals(depthOf('"[[[[\\"[["'), 0);
  assertEquals(depthOf("[]{}[]"), 1);
});
