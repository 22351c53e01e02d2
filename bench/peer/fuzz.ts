/**
 * Says damaged things to a listener's session, in whatever pieces:
 *
 *     deno run -A bench/peer/fuzz.ts [INPUTS] [SEED]
 *
 * Whatever is said, the session may end, and nothing else: no exception, no fd that stays, no trial that outlives it,
 * no more memory than a line. The same seed gives the same inputs.
 *
 * @module
 */
import { check, countOpenFds, SHUT, shutdown, SOCK, socketpair } from "../../core/libc/mod.ts";
import { createRandom } from "../random.ts";
import { expandCases, ScenarioSchema } from "../scenario/mod.ts";
import { createSpareWorkers } from "../trial/spare_workers.ts";
import { CASE_LIMITS } from "./case_limits.ts";
import { createControl } from "./control.ts";
import { greetConnector } from "./handshake.ts";
import { LINE_LIMITS } from "./line_reader.ts";
import { type FromConnector, FromConnectorSchema, type FromListener } from "./messages.ts";
import { PeerError } from "./peer_error.ts";
import {
  createPeerSocket,
  endPeerSocket,
  type PeerSocket,
  readSome,
  writeAll,
} from "./peer_socket.ts";
import { startSession } from "./serve_session.ts";
import { WAITS } from "./waits.ts";
import { wireOfCase } from "./wire_case.ts";

/** What became of the inputs. */
export interface PeerFuzzResult {
  /** Inputs that a session took to its end. */
  said: number;
  /** Sessions that ended with a reason, and without. */
  refused: number;
  accepted: number;
  /** Handshakes that were not taken. */
  strangers: number;
  /** fds that are open now and were not. */
  left_fds: number;
}

const WAIT_MS = 2_000;
const MOST_INPUT = 64 * 1024;

/** What a connector says that plays along, as far as one can without data connections. */
function scripts(): string[] {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "fuzz",
    question: "?",
    params: { channel: "unix" },
    devices: [{ id: "nic0", profile: "generic", state_size: "64KiB" }],
  }));
  if (one === undefined) throw new TypeError("Cannot fuzz without a case");
  const wire = wireOfCase(one);
  const begin: FromConnector[] = [{ type: "ping", nth: 0 }, { type: "check", case: wire }];
  const trial: FromConnector[] = [
    { type: "trial", trial: 0, seed: 1, case: wire },
    { type: "run", trial: 0 },
    { type: "close", trial: 0 },
  ];
  const end: FromConnector[] = [{ type: "ping", nth: 1 }, { type: "bye" }];
  return [[...begin, ...end], [...begin, ...trial, ...end]].map((messages) =>
    messages.map((message) => `${JSON.stringify(message)}\n`).join("")
  );
}

/** Pieces of JSON that mean something somewhere. */
const TELLING = [
  '"__proto__":{"a":1},',
  '"constructor":{"prototype":1},',
  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
  "1e999",
  "-1",
  "9007199254740993",
  "null",
  '"\\u0000\\u001b[2J"',
  "{}",
  "\n",
  "\0",
  '{"type":"bye"}\n',
  '{"type":"run","trial":0}\n',
  '"kernel"',
  '"replayed"',
  "true",
  '"../../../etc/passwd"',
];

/**
 * Plays so many damaged scripts, each against a session or a handshake of its own.
 *
 * @throws {Error} for what a listener must not do, with the input's number
 */
export async function fuzzPeer(inputs: number, seed: number): Promise<PeerFuzzResult> {
  const random = createRandom(seed);
  const below = (most: number) => Math.floor(random() * most);
  const result: PeerFuzzResult = { said: 0, refused: 0, accepted: 0, strangers: 0, left_fds: 0 };
  const wholes = scripts().map((text) => new TextEncoder().encode(text));
  const before = countOpenFds();
  for (let i = 0; i < inputs; i++) {
    const whole = wholes[below(wholes.length)] ?? new Uint8Array();
    // Some are said as they are.
    const input = below(16) === 0 ? whole : damage(whole, below);
    try {
      if (i % 8 === 7) await playHandshake(input, below, result);
      else await playSession(input, below, result);
    } catch (error) {
      throw new Error(`Cannot fuzz on with input ${i} of seed ${seed}: received ${error}`, {
        cause: error,
      });
    }
  }
  result.left_fds = countOpenFds() - before;
  return result;
}

async function playSession(
  input: Uint8Array<ArrayBuffer>,
  below: (most: number) => number,
  result: PeerFuzzResult,
): Promise<void> {
  const [near, far] = sockets();
  const lines = { ...LINE_LIMITS, silence_ms: WAIT_MS, line_ms: WAIT_MS };
  const control = createControl<FromConnector, FromListener>(far, FromConnectorSchema, lines);
  const workers = createSpareWorkers();
  const session = startSession(control, "fuzz", {
    limits: CASE_LIMITS,
    realDevices: [],
    signal: new AbortController().signal,
    waits: { ...WAITS, arrival_ms: WAIT_MS },
    workers,
    tell: () => {},
  });
  await sayInPieces(near, input, below);
  await hearOut(near);
  const { why } = await session.over;
  workers.close();
  if (far.isEnded === false) throw new Error("the session is over, and its socket is open");
  result.said++;
  if (why === null) result.accepted++;
  else result.refused++;
}

async function playHandshake(
  input: Uint8Array<ArrayBuffer>,
  below: (most: number) => number,
  result: PeerFuzzResult,
): Promise<void> {
  const [near, far] = sockets();
  const greeted = greetConnector(far, new Uint8Array(32), performance.now() + WAIT_MS)
    .then(() => true, (error) => {
      if (error instanceof PeerError) return false;
      throw error;
    });
  await sayInPieces(near, input, below);
  endPeerSocket(near);
  if (await greeted) throw new Error("a stranger was taken");
  endPeerSocket(far);
  result.strangers++;
}

function sockets(): [PeerSocket, PeerSocket] {
  const pair = socketpair(SOCK.SOCK_STREAM);
  if (typeof pair === "number") {
    check(pair, "socketpair", "connect a session");
    throw new Error("unreachable");
  }
  return [createPeerSocket(pair[0], "the fuzzer"), createPeerSocket(pair[1], "the listener")];
}

/** Says nothing more, and hears all that is answered. */
async function hearOut(socket: PeerSocket): Promise<void> {
  shutdown(socket.fd, SHUT.SHUT_WR);
  try {
    for (;;) await readSome(socket, MOST_INPUT, performance.now() + WAIT_MS);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
  } finally {
    endPeerSocket(socket);
  }
}

/** A session that has ended does not take the rest. */
async function sayInPieces(
  socket: PeerSocket,
  input: Uint8Array<ArrayBuffer>,
  below: (most: number) => number,
): Promise<void> {
  const pieces = 1 + below(4);
  for (let i = 0; i < pieces; i++) {
    const from = Math.floor(input.length * i / pieces);
    const to = Math.floor(input.length * (i + 1) / pieces);
    try {
      await writeAll(socket, input.slice(from, to), performance.now() + WAIT_MS);
    } catch (error) {
      if (error instanceof PeerError) return;
      throw error;
    }
    if (below(8) === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** A copy with some bytes changed, left out, doubled, or with something telling put in. */
function damage(
  whole: Uint8Array<ArrayBuffer>,
  below: (most: number) => number,
): Uint8Array<ArrayBuffer> {
  let bytes = [...whole];
  for (let times = below(4); times >= 0; times--) {
    const at = below(bytes.length);
    const span = 1 + below(below(4) === 0 ? 2000 : 12);
    switch (below(6)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        break;
      case 1:
        bytes.splice(at, span);
        break;
      case 2:
        bytes.splice(at, 0, ...bytes.slice(at, at + span));
        break;
      case 3:
        bytes.splice(at, 0, ...new TextEncoder().encode(TELLING[below(TELLING.length)] ?? ""));
        break;
      case 4:
        bytes = bytes.slice(0, at);
        break;
      default: {
        // A value in the place of another: after a colon.
        const colon = bytes.indexOf(0x3a, at);
        const telling = new TextEncoder().encode(TELLING[below(TELLING.length)] ?? "");
        if (colon >= 0) bytes.splice(colon + 1, span, ...telling);
      }
    }
    if (bytes.length === 0) break;
  }
  return Uint8Array.from(bytes.slice(0, MOST_INPUT));
}

if (import.meta.main) {
  const [inputs = 5_000, seed = Date.now() % 2 ** 32] = Deno.args.map(Number);
  // What the runtime opens once is open from here on.
  await fuzzPeer(500, seed + 1);
  const began = performance.now();
  const result = await fuzzPeer(inputs, seed);
  console.log(
    JSON.stringify({ seed, took_ms: Math.round(performance.now() - began), ...result }),
  );
}
