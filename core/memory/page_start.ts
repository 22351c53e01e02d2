/**
 * Says how far behind a buffer's start its first page of memory begins, in bytes: 0 to 4095. `pageStart` of `core/libc` is
 * one. Where it is given, what is laid out in a buffer begins on a page, which the kernel copies to faster; where it is
 * not, with the buffer.
 */
export type PageStart = (buffer: ArrayBufferLike) => number;
