import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { bind, check, close, socketUnix, SystemCallError } from "../../core/libc/mod.ts";
import { UsageError } from "../usage_error.ts";
import { connectSession } from "./connect_session.ts";
import { PeerError } from "./peer_error.ts";
import { withListener } from "./testdata/parts.ts";

const SECRET = new TextEncoder().encode("0123456789abcdef");

Deno.test("a unix socket is its owner's alone, and is gone with its listener", async () => {
  const folder = await Deno.makeTempDir();
  const address = { kind: "unix", path: `${folder}/socket` } as const;
  try {
    await withListener({ address }, (listener) => {
      assertEquals((Deno.statSync(address.path).mode ?? 0) & 0o777, 0o600);
      assertEquals(listener.address, address);
      return Promise.resolve();
    });
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the socket file of a dead listener is replaced, one that lives is in use", async () => {
  const folder = await Deno.makeTempDir();
  const address = { kind: "unix", path: `${folder}/socket` } as const;
  try {
    // What a listener leaves that was killed.
    const dead = check(socketUnix(), "socket", "make a socket");
    check(bind(dead, address), "bind", "leave a file");
    close(dead);
    await withListener({ address }, async () => {
      const error = await assertRejects(
        () => withListener({ address }, async () => {}),
        UsageError,
      );
      assertMatch(error.message, /^Cannot listen on unix:.*: it is in use/);
      // And is still there.
      const session = await connectSession(address, null);
      await session.end();
    });
    await Deno.writeTextFile(address.path, "mine");
    const error = await assertRejects(() => withListener({ address }, async () => {}), UsageError);
    assertMatch(error.message, /there is a file that is no socket/);
    assertEquals(await Deno.readTextFile(address.path), "mine");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a tcp port that is taken is in use, and port 0 is a free one", async () => {
  await withListener({ address: { kind: "tcp", host: "127.0.0.1", port: 0 } }, async (first) => {
    const { address } = first;
    assert(address.kind === "tcp" && address.port > 0);
    const error = await assertRejects(() => withListener({ address }, async () => {}), UsageError);
    assertMatch(error.message, /it is in use, take another port/);
  });
});

Deno.test("one session at a time: the next is told so, or waits until the one before is over", async () => {
  await withListener({}, async ({ address }) => {
    const first = await connectSession(address, null);
    const error = await assertRejects(() => connectSession(address, null), PeerError);
    assertMatch(error.message, /is busy with another session/);
    const waiting = connectSession(address, null);
    await first.end();
    const second = await waiting;
    assertEquals(second.why(), null);
    await second.end();
  });
});

Deno.test("with once it ends with its first session, whoever else came before", async () => {
  await withListener({ once: true, token: SECRET }, async (listener) => {
    await assertRejects(() => connectSession(listener.address, null), PeerError, "wants a token");
    const session = await connectSession(listener.address, SECRET);
    await session.end();
    const tally = await listener.over;
    assertEquals([tally.sessions, tally.broken_sessions, tally.refused_connections], [1, 0, 1]);
  });
});

Deno.test("a listener that is stopped tells the session that is under way", async () => {
  await withListener({}, async (listener) => {
    const session = await connectSession(listener.address, null);
    listener.stop();
    const { broken_sessions } = await listener.over;
    assertEquals(broken_sessions, 1);
    const error = await assertRejects(() => session.next(10_000), PeerError);
    assertMatch(error.message, /ended the session: it was stopped|is gone/);
    await session.end();
  });
});

Deno.test("both sides of one machine know that they have one clock", async () => {
  await withListener({}, async ({ address }) => {
    const session = await connectSession(address, null);
    assertEquals(session.isOneClock, true);
    const { least_ns, most_ns } = await session.askClock();
    assert(least_ns <= 0 && most_ns >= 0, `${least_ns} ${most_ns}`);
    assertEquals(session.environment.os, Deno.build.os);
    await session.end();
  });
});

Deno.test("where nobody listens, one line says so", async () => {
  const path = `${await Deno.makeTempDir()}/socket`;
  const error = await assertRejects(() => connectSession({ kind: "unix", path }, null), PeerError);
  assertMatch(error.message, /^Cannot connect to unix:.*: nobody listens there; start one with/);
  await Deno.remove(path.replace("/socket", ""));
});

Deno.test("a listener that cannot listen says why in one line", async () => {
  const address = { kind: "unix", path: "/nowhere/socket" } as const;
  const error = await assertRejects(
    () => withListener({ address }, async () => {}),
    SystemCallError,
  );
  assertMatch(error.message, /^Cannot listen on unix:\/nowhere\/socket: bind gave ENOENT/);
});
