import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import {
  encodeHello,
  greetConnector,
  greetListener,
  PEER_VERSION,
  proofOf,
  PURPOSE,
  type Token,
} from "./handshake.ts";
import { PeerError } from "./peer_error.ts";
import { endPeerSocket, readExact, writeAll } from "./peer_socket.ts";
import { socketPair } from "./testdata/parts.ts";

const SECRET = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
const OTHER = new TextEncoder().encode("0123456789abcdef0123456789abcdeF");
const soon = () => performance.now() + 10_000;

/** What came of each side: "ok", or what it said. */
async function greet(
  connectorToken: Token,
  listenerToken: Token,
  purpose: number = PURPOSE.SESSION,
): Promise<{ connector: string; listener: string; ids: string[] }> {
  const [near, far] = socketPair();
  const ids: string[] = [];
  const told = async (one: Promise<{ id: string }>, end: () => void): Promise<string> => {
    try {
      ids.push((await one).id);
      return "ok";
    } catch (error) {
      end();
      if (!(error instanceof PeerError)) throw error;
      return `${error.trouble}: ${error.message}`;
    }
  };
  const [connector, listener] = await Promise.all([
    told(greetListener(near, purpose, connectorToken), () => endPeerSocket(near)),
    told(greetConnector(far, listenerToken), () => endPeerSocket(far)),
  ]);
  endPeerSocket(near);
  endPeerSocket(far);
  return { connector, listener, ids };
}

Deno.test("who knows the secret, or needs none, is taken, for what it came for", async () => {
  for (const token of [SECRET, null]) {
    for (const purpose of [PURPOSE.SESSION, PURPOSE.DATA]) {
      const { connector, listener, ids } = await greet(token, token, purpose);
      assertEquals([connector, listener], ["ok", "ok"]);
      assertEquals(ids[0], ids[1]);
      assertMatch(ids[0] ?? "", /^[0-9a-f]{64}$/);
    }
  }
  const [a, b] = [await greet(null, null), await greet(null, null)];
  assertNotEquals(a.ids[0], b.ids[0]);
});

Deno.test("who does not know the secret is not taken, and told what to give", async () => {
  const stranger = await greet(OTHER, SECRET);
  assertMatch(stranger.connector, /refused: far? .*|refused: near did not take the token/);
  assertMatch(stranger.listener, /refused: far does not know the token/);
  const without = await greet(null, SECRET);
  assertMatch(without.connector, /refused: near wants a token: give its --token-file/);
  assertMatch(without.listener, /refused: far has no token/);
  const alone = await greet(SECRET, null);
  assertMatch(alone.connector, /refused: near has no token/);
  assertMatch(alone.listener, /refused: far has a token/);
});

Deno.test("a listener that does not know the secret is found out", async () => {
  const [near, far] = socketPair();
  const impostor = async () => {
    const theirs = await readExact(far, 48, soon());
    const own = encodeHello(PEER_VERSION, PURPOSE.SESSION, true);
    await writeAll(far, own, soon());
    await readExact(far, 32, soon());
    await writeAll(far, proofOf(OTHER, "listener", theirs, own), soon());
  };
  const [error] = await Promise.all([
    assertRejects(() => greetListener(near, PURPOSE.SESSION, SECRET), PeerError),
    impostor(),
  ]);
  assertMatch(error.message, /does not know the token/);
  endPeerSocket(near);
  endPeerSocket(far);
});

Deno.test("a proof is of no use in another connection, nor in the other role", async () => {
  // What was heard of an honest connection: its connector's HELLO and PROOF.
  const heard = encodeHello(PEER_VERSION, PURPOSE.SESSION, true);
  const heardAnswer = encodeHello(PEER_VERSION, PURPOSE.SESSION, true);
  const proofs = [
    proofOf(SECRET, "connector", heard, heardAnswer),
    proofOf(SECRET, "listener", heard, heardAnswer),
  ];
  for (const proof of proofs) {
    const [near, far] = socketPair();
    const replay = async () => {
      await writeAll(near, heard, soon());
      await readExact(near, 48, soon());
      await writeAll(near, proof, soon());
    };
    const [error] = await Promise.all([
      assertRejects(() => greetConnector(far, SECRET), PeerError, "does not know the token"),
      replay(),
    ]);
    assertEquals(error.trouble, "refused");
    endPeerSocket(near);
    endPeerSocket(far);
  }
});

Deno.test("a listener's own proof sent back to it proves nothing", async () => {
  const [near, far] = socketPair();
  const reflect = async () => {
    const own = encodeHello(PEER_VERSION, PURPOSE.SESSION, true);
    await writeAll(near, own, soon());
    const theirs = await readExact(near, 48, soon());
    // All that a stranger has: bytes that are as long as a proof.
    await writeAll(near, theirs.slice(16), soon());
  };
  await Promise.all([
    assertRejects(() => greetConnector(far, SECRET), PeerError, "does not know the token"),
    reflect(),
  ]);
  endPeerSocket(near);
  endPeerSocket(far);
});

Deno.test("another version is one line on both sides", async () => {
  const [near, far] = socketPair();
  const other = async () => {
    await writeAll(near, encodeHello(PEER_VERSION + 1, PURPOSE.SESSION, false), soon());
    await readExact(near, 48, soon());
  };
  const [error] = await Promise.all([
    assertRejects(() => greetConnector(far, null), PeerError),
    other(),
  ]);
  assertMatch(error.message, /speaks version 2 of the protocol .* this is version 1/);
  endPeerSocket(near);
  endPeerSocket(far);
});

Deno.test("what does not begin as it must, ends early or comes late is not taken", async () => {
  for (
    const [bytes, why] of [
      [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:7000\r\nAccept: */*\r\n\r\n",
        /does not speak this protocol/,
      ],
      ["\0".repeat(48), /does not speak this protocol/],
      ["VFMBPEER", /is gone/],
    ] as const
  ) {
    const [near, far] = socketPair();
    await writeAll(near, new TextEncoder().encode(bytes), soon());
    endPeerSocket(near);
    const error = await assertRejects(() => greetConnector(far, SECRET), PeerError);
    assertMatch(error.message, why);
    endPeerSocket(far);
  }
  const [near, far] = socketPair();
  await writeAll(near, new TextEncoder().encode("VFMB"), soon());
  const late = await assertRejects(
    () => greetConnector(far, SECRET, performance.now() + 20),
    PeerError,
  );
  assertEquals(late.trouble, "late");
  endPeerSocket(near);
  endPeerSocket(far);
});

Deno.test("a purpose that is none is not taken", async () => {
  const { listener } = await greet(null, null, 9);
  assertMatch(listener, /garbage: .*unknown purpose \(9\)/);
});
