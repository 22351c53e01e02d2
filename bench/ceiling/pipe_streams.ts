import type { StateMemory } from "../../core/device/mod.ts";

/** Opens a state anew, from its start, as a file of Deno's. */
export function openState({ fd }: Pick<StateMemory, "fd">, how: "read" | "write"): Deno.FsFile {
  return Deno.openSync(`/proc/self/fd/${fd}`, { [how]: true });
}

/** What a readable of Deno's own reads at a time. */
const OWN_CHUNK = 64 * 1024;

/**
 * A file or a connection as a stream of chunks of a size. Deno's own has 64 KiB; another size is made as Deno makes its
 * own, a byte stream that reads into the buffer of whoever pulls.
 */
export function readableIn(
  from: Deno.FsFile | Deno.Conn,
  chunkSize: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (chunkSize === OWN_CHUNK) return from.readable;
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: chunkSize,
    async pull(controller) {
      const request = controller.byobRequest;
      const { view } = request ?? {};
      if (!(view instanceof Uint8Array)) {
        throw new TypeError("A byte stream was pulled without room");
      }
      const n = await from.read(view);
      if (n === null) controller.close();
      request?.respond(n ?? 0);
    },
  });
}
