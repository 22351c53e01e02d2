/**
 * Peers that do not mean well, over real sockets: each is refused in bounded time and memory, and whoever comes after
 * it is served.
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeHello, greetListener, PEER_VERSION, PURPOSE } from "./handshake.ts";
import { connectSession } from "./connect_session.ts";
import { PeerError } from "./peer_error.ts";
import { readExact, writeAll } from "./peer_socket.ts";
import { runPeerTrial } from "./peer_trial.ts";
import { NEVER, NIC, onlyCase, PLACE, type TestListener, withListener } from "./testdata/parts.ts";
import { rawConnection, type RawPeer, rawSession } from "./testdata/raw_peer.ts";
import type { Waits } from "./waits.ts";
import { wireOfCase } from "./wire_case.ts";

const SECRET = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
const soon = () => performance.now() + 10_000;
/** A test does not wait for as long as a listener does. */
const SHORT: Partial<Waits> = { handshake_ms: 1_500, line_ms: 1_000, arrival_ms: 1_000 };

/** Whoever comes after a hostile peer has its migration played. */
async function proveServing(listener: TestListener, token: Uint8Array<ArrayBuffer> | null = null) {
  const session = await connectSession(listener.address, token);
  const { record } = await runPeerTrial(session, 0, onlyCase(), PLACE, NEVER);
  assertEquals([record.error, record.state_verified], [null, true]);
  await session.end();
}

/** A trial of which the listener has given its tickets. */
async function begin(peer: RawPeer, one = onlyCase()): Promise<string[]> {
  await peer.tell({ type: "trial", trial: 0, seed: 1, case: wireOfCase(one) });
  const { type, tickets } = await peer.hear();
  assertEquals(type, "tickets");
  return Array.isArray(tickets) ? tickets.map(String) : [];
}

/** A data connection that brings a ticket; whether it was taken. */
async function bring(listener: TestListener, ticket: string): Promise<RawPeer | null> {
  const peer = rawConnection(listener.address);
  await greetListener(peer.socket, PURPOSE.DATA, null);
  await writeAll(peer.socket, Uint8Array.fromHex(ticket), soon());
  try {
    await readExact(peer.socket, 1, soon());
    return peer;
  } catch (error) {
    peer.end();
    if (error instanceof PeerError) return null;
    throw error;
  }
}

for (
  const [what, bytes] of [
    ["another protocol", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl\r\n\r\n"],
    ["zeros", "\0".repeat(100_000)],
    ["a line in the place of a handshake", `{"type":"bye"}\n${" ".repeat(100)}`],
    ["half a handshake", "VFMBPEER\0\x01"],
    ["nothing", ""],
  ] as const
) {
  Deno.test(`a connection that begins with ${what} is ended`, async () => {
    await withListener({ waits: SHORT }, async (listener) => {
      const peer = rawConnection(listener.address);
      // The listener may end it while it still talks.
      await peer.say(bytes).catch(() => {});
      assert(await peer.isEnded());
      peer.end();
      await proveServing(listener);
    });
  });
}

Deno.test("a handshake that comes a byte at a time is over when its time is", async () => {
  await withListener({ waits: SHORT }, async (listener) => {
    const peer = rawConnection(listener.address);
    const hello = encodeHello(PEER_VERSION, PURPOSE.SESSION, false);
    const drip = async () => {
      for (const byte of hello) {
        await writeAll(peer.socket, Uint8Array.of(byte), soon());
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await drip().catch(() => {});
    assert(await peer.isEnded());
    peer.end();
    await proveServing(listener);
  });
});

Deno.test("strangers without the token get nowhere, however many they are", async () => {
  await withListener({ token: SECRET, waits: SHORT }, async (listener) => {
    const strangers = Array.from({ length: 60 }, () => rawConnection(listener.address));
    // Who knows the secret comes in between them.
    await proveServing(listener, SECRET);
    for (const stranger of strangers) {
      await writeAll(stranger.socket, encodeHello(PEER_VERSION, PURPOSE.SESSION, true), soon())
        .catch(() => {});
      await writeAll(stranger.socket, new Uint8Array(32), soon()).catch(() => {});
    }
    for (const stranger of strangers) {
      // Its HELLO, to whom it was given, is no JSON.
      assert(await stranger.isEnded().catch(() => true) !== undefined);
      stranger.end();
    }
    await assertRejects(() => connectSession(listener.address, null), PeerError, "wants a token");
    await proveServing(listener, SECRET);
  });
});

for (
  const [what, text, why] of [
    ["no JSON", "hello\n", /no JSON/],
    ["an unknown message", '{"type":"exec","command":"id"}\n', /no message/],
    ["a message with more in it", '{"type":"bye","more":1}\n', /no message/],
    ["a message of the other side", '{"type":"tickets","trial":0,"tickets":[]}\n', /no message/],
    ["__proto__ keys", '{"type":"ping","nth":1,"__proto__":{"x":1}}\n', null],
    ["numbers that are none", '{"type":"ping","nth":1e999}\n', /no message/],
    ["deep nesting", `${"[".repeat(100_000)}${"]".repeat(100_000)}\n`, /nested more than 32/],
    ["a giant line", `{"type":"${"x".repeat(2_000_000)}"}\n`, /more than 1048576 bytes/],
    ["bytes that are no text", "\xff\xfe\n", /no JSON|UTF-8/],
    ["run before there is a trial", '{"type":"run","trial":0}\n', /run out of turn/],
    ["digest before there is a trial", '{"type":"digest","trial":0}\n', /digest out of turn/],
  ] as const
) {
  Deno.test(`a session in which ${what} is said is ended, or does no harm`, async () => {
    await withListener({ waits: SHORT }, async (listener) => {
      const peer = await rawSession(listener.address);
      await peer.say(text).catch(() => {});
      if (why === null) await peer.tell({ type: "bye" }).catch(() => {});
      assert(await peer.isEnded());
      peer.end();
      await proveServing(listener);
      assertEquals(Reflect.get({}, "x"), undefined);
      const ended = listener.lines.find((line) => line.startsWith("the session ended"));
      if (why !== null) assertMatch(ended ?? "", why);
    });
  });
}

Deno.test("a line that never ends, a peer that says nothing and one that only pings are late", async () => {
  const waits = { ...SHORT, line_ms: 200, silence_ms: 400, idle_ms: 300 };
  await withListener({ waits }, async (listener) => {
    const silent = await rawSession(listener.address);
    assert(await silent.isEnded());
    silent.end();
    const slow = await rawSession(listener.address);
    const drip = async () => {
      for (;;) {
        await slow.say(" ");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await assertRejects(drip, PeerError);
    slow.end();
    const idle = await rawSession(listener.address);
    const ping = async () => {
      for (let nth = 0;; nth++) {
        await idle.tell({ type: "ping", nth });
        await idle.hear();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await assertRejects(ping, Error);
    idle.end();
    listener.stop();
    await listener.over;
    const reasons = listener.lines.filter((line) => line.startsWith("the session ended: "));
    assertEquals(reasons.length, 3, listener.lines.join("\n"));
    assertMatch(reasons[2] ?? "", /no trial was begun within 300 ms/);
  });
});

Deno.test("a peer that floods with pings and reads no answer is ended", async () => {
  await withListener({ waits: SHORT }, async (listener) => {
    const peer = await rawSession(listener.address);
    const flood = '{"type":"ping","nth":1}\n'.repeat(1000);
    await assertRejects(async () => {
      for (;;) await peer.say(flood);
    }, PeerError);
    peer.end();
    await proveServing(listener);
    const ended = listener.lines.find((line) => line.startsWith("the session ended"));
    assertMatch(ended ?? "", /more than 500 pings in a second|in time|is gone/);
  });
});

Deno.test("a ticket is good for one connection, in its own trial", async () => {
  await withListener({ waits: SHORT }, async (listener) => {
    const peer = await rawSession(listener.address);
    assertEquals(await bring(listener, "ab".repeat(32)), null);
    const [ticket = ""] = await begin(peer);
    const data = await bring(listener, ticket);
    assert(data !== null);
    assertEquals((await peer.hear()).type, "ready");
    // Again, while its trial is under way and afterwards.
    assertEquals(await bring(listener, ticket), null);
    await peer.tell({ type: "close", trial: 0 });
    assertEquals((await peer.hear()).type, "closed");
    assertEquals(await bring(listener, ticket), null);
    data.end();
    await peer.tell({ type: "bye" });
    assert(await peer.isEnded());
    peer.end();
    await proveServing(listener);
  });
});

Deno.test("a trial whose data connections do not come is broken off", async () => {
  await withListener({ waits: SHORT }, async (listener) => {
    const peer = await rawSession(listener.address);
    const one = onlyCase({
      params: { channel: "unix", buffer_size: "64KiB", multifd: true, channels: 3 },
    });
    const [first = "", second = ""] = await begin(peer, one);
    const came = [await bring(listener, first), await bring(listener, second)];
    assert(await peer.isEnded());
    assertMatch(
      listener.lines.join("\n"),
      /the trial's 4 data connections did not come within 1000 ms/,
    );
    for (const one of [peer, ...came]) one?.end();
    await proveServing(listener);
  });
});

Deno.test("messages of a trial out of their turn end the session and the trial", async () => {
  const close = { type: "close", trial: 0 };
  for (
    const said of [
      [{ type: "digest", trial: 0 }],
      [{ type: "run", trial: 1 }],
      [{ type: "trial", trial: 1, seed: 1, case: wireOfCase(onlyCase()) }],
      [{ type: "check", case: wireOfCase(onlyCase()) }],
      [{ type: "bye" }],
      [close, close, close, close],
    ]
  ) {
    await withListener({ waits: SHORT }, async (listener) => {
      const peer = await rawSession(listener.address);
      const [ticket = ""] = await begin(peer);
      const data = await bring(listener, ticket);
      assertEquals((await peer.hear()).type, "ready");
      for (const message of said) await peer.tell(message).catch(() => {});
      assert(await peer.isEnded(), JSON.stringify(said));
      peer.end();
      data?.end();
      await proveServing(listener);
    });
  }
});

Deno.test("garbage on a data connection fails the trial, and the session can go on", async () => {
  await withListener(
    { waits: SHORT },
    async (listener) => {
      const peer = await rawSession(listener.address);
      for (let trial = 0; trial < 3; trial++) {
        await peer.tell({ type: "trial", trial, seed: 1, case: wireOfCase(onlyCase()) });
        const { tickets } = await peer.hear();
        const data = await bring(listener, Array.isArray(tickets) ? String(tickets[0]) : "");
        assert(data !== null);
        assertEquals((await peer.hear()).type, "ready");
        await peer.tell({ type: "run", trial });
        const bytes = crypto.getRandomValues(new Uint8Array(32_768));
        await writeAll(data.socket, bytes, soon()).catch(() => {});
        const { type, report } = await peer.hear();
        assertEquals(type, "done");
        assertMatch(JSON.stringify(report), /EPROTO/);
        await peer.tell({ type: "close", trial });
        assertEquals((await peer.hear()).type, "closed");
        data.end();
      }
      await peer.tell({ type: "bye" });
      assert(await peer.isEnded());
      peer.end();
      await proveServing(listener);
    },
  );
});

Deno.test("more state than was announced is refused by the device that it does not fit", async () => {
  // What is sent is of a device of 4 MiB; what was announced has 2.
  await withListener({}, async (listener) => {
    const session = await connectSession(listener.address, null);
    const large = onlyCase({ devices: [{ ...NIC, state_size: "4MiB" }] });
    const small = wireOfCase(onlyCase());
    const lying = {
      ...session,
      send: (message: Parameters<typeof session.send>[0]) =>
        session.send(message.type === "trial" ? { ...message, case: small } : message),
    };
    const { record } = await runPeerTrial(lying, 0, large, PLACE, NEVER);
    assertEquals([record.outcome, record.state_verified], ["failed", false]);
    assertEquals(record.error?.device, "nic0");
    const { record: next } = await runPeerTrial(session, 1, onlyCase(), PLACE, NEVER);
    assertEquals(next.outcome, "completed");
    await session.end();
  });
});

Deno.test("a device that would sleep for long does not outlive its session", async () => {
  await withListener({}, async (listener) => {
    const one = onlyCase({ devices: [{ ...NIC, resuming_enter_ms: 59_000 }] });
    const peer = await rawSession(listener.address);
    const [ticket = ""] = await begin(peer, one);
    const data = await bring(listener, ticket);
    assertEquals((await peer.hear()).type, "ready");
    await peer.tell({ type: "run", trial: 0 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    peer.end();
    data?.end();
    // It would be busy for a minute.
    await proveServing(listener);
  });
});

Deno.test("a listener that lies to its connector is found out", async () => {
  // What it says instead of the answer that is due.
  for (
    const [said, why] of [
      ['{"type":"taken"}', /out of turn/],
      ['{"type":"tickets","trial":0,"tickets":["00"]}', /no message/],
      [`{"type":"tickets","trial":5,"tickets":["${"0".repeat(64)}"]}`, /out of turn/],
      [
        `{"type":"tickets","trial":0,"tickets":["${"0".repeat(64)}","${"1".repeat(64)}"]}`,
        /2 tickets for 1 channels/,
      ],
      [
        `{"type":"end","message":"\\u001b[2Jgone"}`,
        /never looked at/,
      ],
    ] as const
  ) {
    await withListener({}, async (listener) => {
      const session = await connectSession(listener.address, null);
      // Its words come as if from the wire: through the very schema.
      const { FromListenerSchema } = await import("./messages.ts");
      const parsed = FromListenerSchema.safeParse(JSON.parse(said));
      if (!parsed.success) {
        assertEquals(why.source, "no message");
        return await session.end();
      }
      const { data } = parsed;
      if (data.type === "end") {
        assertEquals(data.message, " [2Jgone");
        return await session.end();
      }
      const lied = { ...session, send: () => Promise.resolve(), next: () => Promise.resolve(data) };
      const { record } = await runPeerTrial(lied, 0, onlyCase(), PLACE, NEVER);
      assertEquals(record.state_verified, false);
      assertMatch(record.error?.message ?? "", why);
      await session.end();
    });
  }
});
