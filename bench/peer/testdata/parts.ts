/** What the tests of this folder have in common: small cases, socket pairs, listeners in a folder of their own. */
import { assert } from "@std/assert";
import { check, SOCK, socketpair } from "../../../core/libc/mod.ts";
import { applyOverrides, type Case, expandCases, ScenarioSchema } from "../../scenario/mod.ts";
import { createSpareWorkers } from "../../trial/spare_workers.ts";
import { CASE_LIMITS } from "../case_limits.ts";
import { type Listener, type ListenerOptions, startListener } from "../listener.ts";
import { createPeerSocket, type PeerSocket } from "../peer_socket.ts";

export const NIC = { id: "nic0", profile: "generic", state_size: "2MiB", dirty_rate: "16MiB/s" };
export const PLACE = { caseNumber: 0, trial: 0, seed: 7 };
export const NEVER = new AbortController().signal;

/** The only case of a scenario. */
export function onlyCase(file: Record<string, unknown> = {}, sets: string[] = []): Case {
  const scenario = ScenarioSchema.parse({
    name: "t",
    question: "?",
    params: { channel: "unix", buffer_size: "64KiB" },
    devices: [NIC],
    ...file,
  });
  const [one] = expandCases(applyOverrides(scenario, sets));
  assert(one !== undefined);
  return one;
}

/** Two connected sockets, named after their ends. */
export function socketPair(): [PeerSocket, PeerSocket] {
  const pair = socketpair(SOCK.SOCK_STREAM);
  if (typeof pair === "number") {
    check(pair, "socketpair", "connect a test's ends");
    throw new Error("unreachable");
  }
  return [createPeerSocket(pair[0], "near"), createPeerSocket(pair[1], "far")];
}

/** A listener of a test, and the lines that it told. */
export interface TestListener extends Listener {
  readonly lines: string[];
  readonly folder: string;
  stop(): void;
}

/** Runs something with a listener on a unix socket, or another address, and sees that it ends. */
export async function withListener(
  options: Partial<ListenerOptions>,
  use: (listener: TestListener) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const stop = new AbortController();
  const lines: string[] = [];
  const workers = createSpareWorkers(1);
  let listener: Listener | null = null;
  try {
    listener = startListener({
      address: { kind: "unix", path: `${folder}/socket` },
      token: null,
      limits: CASE_LIMITS,
      realDevices: [],
      once: false,
      tell: (line) => lines.push(line),
      signal: stop.signal,
      workers,
      ...options,
    });
    await use({ ...listener, lines, folder, stop: () => stop.abort() });
  } finally {
    stop.abort();
    await listener?.over;
    workers.close();
    await Deno.remove(folder, { recursive: true });
  }
}
