/**
 * The rival that moves a state with `ReadableStream.pipeTo`: `pipe_to.ts ring|unix|tcp BUFFER_SIZE BYTES`. Twice, the
 * first time as its warm-up.
 *
 * ```text
 *   ring        file.pipeTo(file)                                     in one thread
 *   unix, tcp   file.pipeTo(connection) | connection.pipeTo(file)     in two Workers
 * ```
 *
 * @module
 */
import { monotonicNs } from "../../core/libc/mod.ts";
import type { StateMemory } from "../../core/device/mod.ts";
import { makeStates, type MovedStates, sayMoved } from "./moved_states.ts";
import { openState, readableIn } from "./pipe_streams.ts";
import type { FromPiper, ToPiper } from "./pipe_to_worker.ts";

const [channel = "", bufferSize = "", bytes = ""] = Deno.args;
const states = makeStates(Number(bytes));
for (let turn = 0; turn < 2; turn++) {
  if (channel === "ring") await pipeHere(states, Number(bufferSize));
  else await pipeBetweenWorkers(states, channel === "tcp" ? "tcp" : "unix", Number(bufferSize));
}

async function pipeHere(states: MovedStates, bufferSize: number): Promise<void> {
  const from = readableIn(openState(states.source, "read"), bufferSize);
  const to = openState(states.destination, "write").writable;
  const beganNs = monotonicNs();
  await from.pipeTo(to);
  sayMoved(states, beganNs, monotonicNs());
}

async function pipeBetweenWorkers(
  states: MovedStates,
  transport: "unix" | "tcp",
  bufferSize: number,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "vfio-migbench-" });
  const receiver = startPiper();
  const sender = startPiper();
  const part = (state: StateMemory) => ({ fd: state.fd, bufferSize });
  try {
    const listening = await receiver.ask({
      type: "receive",
      ...part(states.destination),
      listenOn: transport === "tcp"
        ? { transport, hostname: "127.0.0.1", port: 0 }
        : { transport, path: `${folder}/socket` },
    });
    if (listening.type !== "listening") throw new Error("The receiver did not listen");
    const done = receiver.ask(null);
    const sent = await sender.ask({ type: "send", ...part(states.source), to: listening.at });
    const received = await done;
    if (sent.type !== "sent" || received.type !== "received") {
      throw new Error("The state did not arrive");
    }
    sayMoved(states, sent.beganNs, received.endedNs);
  } finally {
    sender.end();
    receiver.end();
    await Deno.remove(folder, { recursive: true });
  }
}

function startPiper() {
  const worker = new Worker(new URL("./pipe_to_worker.ts", import.meta.url), { type: "module" });
  return {
    /** Tells it something, or nothing, and waits for its next answer. */
    ask(message: ToPiper | null): Promise<FromPiper> {
      if (message !== null) worker.postMessage(message);
      return new Promise((resolve, reject) => {
        worker.onmessage = (event: MessageEvent<FromPiper>) => resolve(event.data);
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message));
        };
      });
    },
    end: () => worker.terminate(),
  };
}
