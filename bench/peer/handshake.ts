/**
 * What stands at the beginning of every connection between two processes, before anything else is read of it: who
 * one is, which version one speaks, and that one knows the secret. Everything has a fixed size.
 *
 * ```text
 *     connector                                                 listener
 *         HELLO  magic | version | purpose | flags | nonce c  ---->
 *               <----  HELLO  magic | version | purpose | flags | nonce l
 *     with a token:
 *         PROOF  HMAC-SHA256(token, "connector", both HELLOs) ---->        ends the connection if it is wrong
 *               <----  PROOF  HMAC-SHA256(token, "listener", both HELLOs)
 * ```
 *
 * The secret itself is never sent. Both nonces are in both proofs, so that a proof is of no use in another
 * connection; and so are the purpose and the version. The connector proves itself first: whoever merely finds the
 * listener's port gets nothing to try secrets with. It keeps strangers out, and hides nothing: what goes over the
 * connection can be read by whoever can read the network.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { PeerError } from "./peer_error.ts";
import { type PeerSocket, readExact, writeAll } from "./peer_socket.ts";
import { WAITS } from "./waits.ts";

/** The version of all that two processes say to each other. */
export const PEER_VERSION = 1;

/** What a connection is for. */
export const PURPOSE = { SESSION: 1, DATA: 2 } as const;

const MAGIC = "VFMBPEER";
const NONCE_SIZE = 32;
const HELLO_SIZE = 48;
const PROOF_SIZE = 32;
const AT = { VERSION: 8, PURPOSE: 10, FLAGS: 11, NONCE: 16 } as const;
const HAS_TOKEN = 1;

/** The secret, where there is one. */
export type Token = Uint8Array<ArrayBuffer> | null;

interface Hello {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly version: number;
  readonly purpose: number;
  readonly hasToken: boolean;
}

/** What a handshake agreed on. */
export interface Agreed {
  /** One of `PURPOSE`. */
  readonly purpose: number;
  /** Made of both nonces: no two connections have the same. */
  readonly id: string;
}

/**
 * The connecting side's half.
 *
 * @throws {PeerError} in one line, which says what the listener wants
 */
export async function greetListener(
  socket: PeerSocket,
  purpose: number,
  token: Token,
  until_ms = performance.now() + WAITS.handshake_ms,
): Promise<Agreed> {
  const own = encodeHello(PEER_VERSION, purpose, token !== null);
  await writeAll(socket, own, until_ms);
  const theirs = await readHello(socket, until_ms);
  checkVersion(socket.name, theirs);
  if (theirs.hasToken && token === null) {
    throw new PeerError("refused", `${socket.name} wants a token: give its --token-file`);
  }
  if (!theirs.hasToken && token !== null) {
    throw new PeerError(
      "refused",
      `${socket.name} has no token, and so cannot prove to be the one that is meant: start it with --token-file, or leave it out here`,
    );
  }
  if (token === null) return { purpose, id: idOf(own, theirs.bytes) };
  await writeAll(socket, proofOf(token, "connector", own, theirs.bytes), until_ms);
  let proof: Uint8Array;
  try {
    proof = await readExact(socket, PROOF_SIZE, until_ms);
  } catch (error) {
    if (!(error instanceof PeerError) || error.trouble !== "gone") throw error;
    throw new PeerError("refused", `${socket.name} did not take the token: it has another`);
  }
  if (!timingSafeEqual(proof, proofOf(token, "listener", own, theirs.bytes))) {
    throw new PeerError("refused", `${socket.name} does not know the token: it is another process`);
  }
  return { purpose, id: idOf(own, theirs.bytes) };
}

/**
 * The listening side's half. Whoever is not taken gets no more than a HELLO.
 *
 * @throws {PeerError} for whoever is not taken
 */
export async function greetConnector(
  socket: PeerSocket,
  token: Token,
  until_ms = performance.now() + WAITS.handshake_ms,
): Promise<Agreed> {
  const theirs = await readHello(socket, until_ms);
  const own = encodeHello(PEER_VERSION, theirs.purpose, token !== null);
  await writeAll(socket, own, until_ms);
  checkVersion(socket.name, theirs);
  const { purpose } = theirs;
  if (purpose !== PURPOSE.SESSION && purpose !== PURPOSE.DATA) {
    throw new PeerError("garbage", `${socket.name} came for an unknown purpose (${purpose})`);
  }
  if (theirs.hasToken !== (token !== null)) {
    throw new PeerError(
      "refused",
      token === null
        ? `${socket.name} has a token, and none is known here`
        : `${socket.name} has no token`,
    );
  }
  if (token !== null) {
    const proof = await readExact(socket, PROOF_SIZE, until_ms);
    if (!timingSafeEqual(proof, proofOf(token, "connector", theirs.bytes, own))) {
      throw new PeerError("refused", `${socket.name} does not know the token`);
    }
    await writeAll(socket, proofOf(token, "listener", theirs.bytes, own), until_ms);
  }
  return { purpose, id: idOf(theirs.bytes, own) };
}

/** A HELLO with a new nonce. */
export function encodeHello(
  version: number,
  purpose: number,
  hasToken: boolean,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HELLO_SIZE);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint16(AT.VERSION, version);
  bytes[AT.PURPOSE] = purpose;
  bytes[AT.FLAGS] = hasToken ? HAS_TOKEN : 0;
  bytes.set(randomBytes(NONCE_SIZE), AT.NONCE);
  return bytes;
}

/** What proves that one knows the secret, in this connection and this role. */
export function proofOf(
  token: Uint8Array,
  role: "connector" | "listener",
  connectorHello: Uint8Array,
  listenerHello: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const hmac = createHmac("sha256", token);
  hmac.update(`vfio-migbench peer ${role}\0`).update(connectorHello).update(listenerHello);
  return new Uint8Array(hmac.digest());
}

async function readHello(socket: PeerSocket, until_ms: number): Promise<Hello> {
  const bytes = await readExact(socket, HELLO_SIZE, until_ms);
  if (new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new PeerError("garbage", `${socket.name} does not speak this protocol`);
  }
  return {
    bytes,
    version: new DataView(bytes.buffer).getUint16(AT.VERSION),
    purpose: bytes[AT.PURPOSE] ?? 0,
    hasToken: ((bytes[AT.FLAGS] ?? 0) & HAS_TOKEN) !== 0,
  };
}

function checkVersion(name: string, { version }: Hello): void {
  if (version === PEER_VERSION) return;
  throw new PeerError(
    "refused",
    `${name} speaks version ${version} of the protocol between two processes, and this is version ${PEER_VERSION}: take the same vfio-migbench on both sides`,
  );
}

function idOf(connectorHello: Uint8Array, listenerHello: Uint8Array): string {
  const hmac = createHmac("sha256", "vfio-migbench peer connection");
  return hmac.update(connectorHello).update(listenerHello).digest("hex");
}
