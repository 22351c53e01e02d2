import { assert, assertEquals, assertMatch } from "@std/assert";
import { acceptTimeout, bind, check, close, listen, socketUnix } from "../core/libc/mod.ts";
import { encodeHello, PEER_VERSION, PURPOSE } from "./peer/handshake.ts";
import { createPeerSocket, endPeerSocket, readExact, writeAll } from "./peer/peer_socket.ts";

const MAIN = new URL("./main.ts", import.meta.url).pathname;

function spawn(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      ...["ffi", "read", "write", "env", "sys"].map((name) => `--allow-${name}`),
      MAIN,
      "bench",
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function outcome(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits for a listener's socket; one that ended instead will never have one. */
async function untilThere(path: string, listener: Deno.ChildProcess): Promise<void> {
  let isOver = false;
  void listener.status.then(() => isOver = true);
  while (!isOver && !await isThere(path)) await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(isOver, false, "the listener has ended");
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** A process that ended with one line on stderr, none on stdout, and this code. */
function assertOneLine(
  { code, out, err }: Awaited<ReturnType<typeof outcome>>,
  why: RegExp,
): void {
  assertMatch(err, why);
  assertEquals([code, out, err.trimEnd().split("\n").length], [2, "", 1], err);
}

Deno.test("two processes with a token play a scenario, and the run says what its downtime rests on", async () => {
  await withFolder(async (folder) => {
    const token = `${folder}/token`;
    await Deno.writeTextFile(token, "0123456789abcdef0123456789abcdef\n", { mode: 0o600 });
    const address = `unix:${folder}/socket`;
    const listener = spawn(
      "--listen",
      address,
      "--token-file",
      token,
      "--once",
      "--json",
      "--quiet",
    );
    await untilThere(`${folder}/socket`, listener);
    const out = `${folder}/run`;
    const small = ["--set", "devices.nic0.state_size=2MiB", "--trials", "2", "--json"];
    const played = await outcome(
      spawn("smoke", "--connect", address, "--token-file", token, "--out", out, ...small),
    );
    assertEquals(played.code, 0, played.err);
    const [one] = JSON.parse(played.out).cases;
    assertEquals([one.trials, one.failed, one.state_verified], [2, 0, true]);
    assertEquals([one.downtime_rests_on, one.params.channel], [["one clock"], "unix"]);
    const trials = (await Deno.readTextFile(`${out}/trials.jsonl`)).trimEnd().split("\n");
    assertEquals(trials.map((line) => JSON.parse(line).peer), [
      { downtime_rests_on: "one clock" },
      { downtime_rests_on: "one clock" },
    ]);
    const heard = await outcome(listener);
    assertEquals(heard.code, 0, heard.err);
    // Its destinations were there: here, it is not gone on with.
    const meta = JSON.parse(await Deno.readTextFile(`${out}/run.json`));
    assertEquals([meta.peer.channel, meta.peer.one_machine], ["unix", true]);
    await Deno.writeTextFile(`${out}/run.json`, JSON.stringify({ ...meta, complete: false }));
    assertOneLine(await outcome(spawn("--resume", out)), /in another process; give --connect ADDR/);
    const { schema, sessions, broken_sessions, completed_trials } = JSON.parse(heard.out);
    // One of them was to warm up.
    assertEquals(
      [schema, sessions, broken_sessions, completed_trials],
      ["vfio-migbench/listener@1", 1, 0, 3],
    );
    assertEquals(await isThere(`${folder}/socket`), false);
  });
});

Deno.test("where nobody listens, or another version does, one line says so", async () => {
  await withFolder(async (folder) => {
    const address = { kind: "unix", path: `${folder}/socket` } as const;
    assertOneLine(
      await outcome(spawn("smoke", "--connect", `unix:${address.path}`)),
      /^Cannot connect to unix:.*: nobody listens there; start one with deno task bench --listen/,
    );
    const fd = check(socketUnix(), "socket", "play a listener");
    check(bind(fd, address), "bind", "play a listener");
    check(listen(fd, 1), "listen", "play a listener");
    const other = outcome(spawn("smoke", "--connect", `unix:${address.path}`));
    let accepted = acceptTimeout(fd, 0);
    while (accepted < 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      accepted = acceptTimeout(fd, 0);
    }
    const socket = createPeerSocket(accepted, "the connector");
    const until_ms = performance.now() + 10_000;
    await readExact(socket, 48, until_ms);
    await writeAll(socket, encodeHello(PEER_VERSION + 1, PURPOSE.SESSION, false), until_ms);
    assertOneLine(
      await other,
      /speaks version 2 of the protocol between two processes, and this is/,
    );
    endPeerSocket(socket);
    close(fd);
  });
});

Deno.test("an address that is in use is exit 2, and Ctrl-C ends a listener and its socket", async () => {
  await withFolder(async (folder) => {
    const address = `unix:${folder}/socket`;
    const listener = spawn("--listen", address);
    await untilThere(`${folder}/socket`, listener);
    // The file is there before it is listened to.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assertOneLine(
      await outcome(spawn("--listen", address)),
      /^Cannot listen on unix:.*: it is in use/,
    );
    listener.kill("SIGINT");
    const { code, err } = await outcome(listener);
    assertEquals(code, 0, err);
    assertEquals(await isThere(`${folder}/socket`), false);
  });
});

Deno.test("what cannot be listened to, or connected with, is told in one line", async () => {
  await withFolder(async (folder) => {
    const open = `${folder}/open`;
    await Deno.writeTextFile(open, "0123456789abcdef", { mode: 0o644 });
    await Deno.chmod(open, 0o644);
    const cases: [string[], RegExp][] = [
      [
        ["--listen", "tcp:0.0.0.0:0"],
        /without --token-file: others than this machine could connect/,
      ],
      [["--listen", "tcp:0", "--token-file", open], /mode 0644/],
      [["--listen", "tcp:0", "smoke"], /Cannot take smoke with --listen/],
      [["--listen", "tcp:0", "--tokenfile", open], /did you mean --token-file/],
      [["--listen", "tcp:0", "--max-state", "x"], /--max-state x: expected a size/],
      [["--listen", "tcp:0", "--max-time", "10081m"], /--max-time 10081m: .* a week at most/],
      [["--listen", "here"], /expected unix:\/path/],
      [["--listen"], /--listen: it needs a value|Cannot take --listen/],
      [["smoke", "--connect", "here"], /expected unix:\/path/],
      [["smoke", "--token-file", open], /it needs --connect, or --listen/],
      [["smoke", "--connect", "tcp:1", "--to", "null"], /Cannot take --to beside --connect/],
      [["smoke", "--connect", "tcp:1", "--trace", folder], /Cannot take --trace beside --connect/],
      [["smoke", "--connect", "tcp:1", "--channel", "ring"], /channel=ring was asked for/],
      [["reinit", "--connect", "tcp:1"], /no bytes move on the virtual clock|nobody listens/],
    ];
    const outcomes = [];
    for (const [args] of cases) outcomes.push(await outcome(spawn(...args)));
    for (const [i, [, why]] of cases.entries()) {
      const one = outcomes[i];
      assert(one !== undefined);
      assertOneLine(one, why);
    }
  });
});

Deno.test("help is there for both sides", async () => {
  const listening = await outcome(spawn("--listen", "--help"));
  assertEquals([listening.code, listening.err], [0, ""]);
  assertMatch(listening.out, /--token-file FILE/);
  const playing = await outcome(spawn("--help"));
  assertMatch(playing.out, /--connect ADDR/);
});
