import {
  type ChannelKind,
  type ChannelOptions,
  closeChannel,
  type OpenChannel,
  openChannel,
} from "../mod.ts";

export const KINDS = ["ring", "unix", "tcp", "file"] as const satisfies readonly ChannelKind[];
/** Those with a way back. */
export const TWO_WAY = ["ring", "unix", "tcp"] as const satisfies readonly ChannelKind[];
export const SOCKETS = ["unix", "tcp"] as const satisfies readonly ChannelKind[];

/** Opens a channel for a test, and closes it after, once. */
export async function withChannel(
  kind: ChannelKind,
  options: Partial<ChannelOptions>,
  test: (channel: OpenChannel) => void | Promise<void>,
): Promise<void> {
  const path = kind === "file" ? await Deno.makeTempFile() : "";
  try {
    const channel = openChannel({
      kind,
      bufferSize: 4096,
      ringSlots: 32,
      port: 0,
      path,
      ...options,
    });
    try {
      await test(channel);
    } finally {
      closeChannel(channel);
    }
  } finally {
    if (path !== "") await Deno.remove(path);
  }
}
