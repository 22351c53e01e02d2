/** What is the matter with a peer. */
export type PeerTrouble =
  /** It ended the connection, or was ended. */
  | "gone"
  /** It did not say in time what was due. */
  | "late"
  /** It said what nobody says who follows the protocol. */
  | "garbage"
  /** It does not take what was asked of it, or is not taken: another version, no token, busy. */
  | "refused";

/** The other process of a migration cannot be reached, or cannot be gone on with: one line. */
export class PeerError extends Error {
  override name = "PeerError";
  readonly trouble: PeerTrouble;

  constructor(trouble: PeerTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}
