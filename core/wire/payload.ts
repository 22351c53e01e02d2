import type { Decoder } from "./decoder.ts";

/**
 * How many bytes of the record that was announced last are still to come. They can be read into any
 * place without the decoder, which is then told by {@linkcode takePayload}.
 *
 * @param d The decoder
 * @returns Bytes; 0 where the next byte is framing
 */
export function payloadLeft(d: Decoder): number {
  return d.left;
}

/**
 * Says that bytes of payload have been read past the decoder, or seeked over.
 *
 * @param d The decoder
 * @param length How many, at most {@linkcode payloadLeft}
 * @throws {RangeError} If it is more than that
 */
export function takePayload(d: Decoder, length: number): void {
  if (length > d.left || length < 0) {
    throw new RangeError(
      `Cannot take ${length} bytes as payload: received a record with ${d.left} left`,
    );
  }
  d.left -= length;
  d.position += length;
}

/**
 * How many bytes are certain to come before there can be another event: who reads no more than that
 * from a socket never reads payload together with framing.
 *
 * @param d The decoder
 * @returns Bytes, at least 1
 */
export function bytesNeeded(d: Decoder): number {
  return d.left > 0 ? d.left : Math.max(d.need - d.have, 1);
}
