/**
 * What carries a migration to the destination: a ring within the process, a unix or tcp socket, a file.
 * @module
 */
export { MESSAGE, type Message, type Receiver, REPLY, type Reply, type Sender } from "./message.ts";
export {
  breakChannel,
  type ChannelEnd,
  type ChannelKind,
  type ChannelOptions,
  closeChannel,
  createReceiver,
  createSender,
  type OpenChannel,
  openChannel,
  ringSlotsFor,
  UNIX_SEND_BYTES,
  withFaults,
} from "./open_channel.ts";
export { attachReceiver, attachSender } from "./attach_end.ts";
export { createFaultyWrite, type WriteGathered } from "./faulty_write.ts";
export { createGather, type Gather } from "./gather.ts";
export {
  breakMultifdSockets,
  closeMultifdSockets,
  type MultifdEnds,
  type MultifdSockets,
  openMultifdSockets,
  shutdownMultifd,
} from "./multifd_sockets.ts";
export { buffersAtOnce } from "./stream_end.ts";
export { createDiscardSender } from "./discard_sender.ts";
export type { StreamOptions } from "./stream_encoder.ts";
export { createFaultyVirtualSender, type VirtualFaultActs } from "./virtual_faults.ts";
export {
  createVirtualChannel,
  DEFAULT_WINDOW,
  type VirtualChannel,
  type VirtualLink,
} from "./virtual_channel.ts";
