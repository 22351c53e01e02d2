/**
 * Migrations between two processes, or hosts: one listens, the other connects and plays its cases' destinations there.
 * @module
 */
export { addressText, isOfThisMachine, readAddress } from "./address.ts";
export { CASE_LIMITS, type CaseLimits } from "./case_limits.ts";
export { channelOfAddress, connectPeer, type Peer, peerOf } from "./connect_peer.ts";
export { connectSession, type PeerSession } from "./connect_session.ts";
export { PEER_VERSION, type Token } from "./handshake.ts";
export {
  type Listener,
  type ListenerOptions,
  type ListenerTally,
  startListener,
} from "./listener.ts";
export { PeerError } from "./peer_error.ts";
export { readToken } from "./token.ts";
