/// <reference lib="deno.worker" />
/**
 * One side of `pipe_to.ts`: pipes a state into a connection, or a connection into a state.
 * @module
 */
import { monotonicNs } from "../../core/libc/mod.ts";
import { openState, readableIn } from "./pipe_streams.ts";

type Address =
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

interface Part {
  /** The state's. */
  readonly fd: number;
  readonly bufferSize: number;
}

export type ToPiper =
  | ({ readonly type: "receive"; readonly listenOn: Address } & Part)
  | ({ readonly type: "send"; readonly to: Address } & Part);

export type FromPiper =
  | { readonly type: "listening"; readonly at: Address }
  | { readonly type: "sent"; readonly beganNs: number }
  | { readonly type: "received"; readonly endedNs: number };

self.onmessage = async ({ data }: MessageEvent<ToPiper>) => {
  if (data.type === "receive") await receive(data);
  else await send(data);
};

async function receive(
  { fd, bufferSize, listenOn }: Extract<ToPiper, { type: "receive" }>,
): Promise<void> {
  const listener = listenOn.transport === "tcp" ? Deno.listen(listenOn) : Deno.listen(listenOn);
  const { addr } = listener;
  const at: Address = addr.transport === "tcp"
    ? { transport: "tcp", hostname: addr.hostname, port: addr.port }
    : listenOn;
  tell({ type: "listening", at });
  const connection = await listener.accept();
  listener.close();
  await readableIn(connection, bufferSize).pipeTo(openState({ fd }, "write").writable);
  tell({ type: "received", endedNs: monotonicNs() });
}

async function send({ fd, bufferSize, to }: Extract<ToPiper, { type: "send" }>): Promise<void> {
  const connection = to.transport === "tcp" ? await connectTcp(to) : await Deno.connect(to);
  const beganNs = monotonicNs();
  await readableIn(openState({ fd }, "read"), bufferSize).pipeTo(connection.writable);
  tell({ type: "sent", beganNs });
}

async function connectTcp(to: Extract<Address, { transport: "tcp" }>): Promise<Deno.Conn> {
  const connection = await Deno.connect(to);
  connection.setNoDelay(true);
  return connection;
}

function tell(message: FromPiper): void {
  self.postMessage(message);
}
