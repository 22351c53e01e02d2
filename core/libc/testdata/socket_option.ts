/**
 * The first `size` bytes of a SOL_SOCKET option as the kernel has it now. Only tests ask, so it is bound
 * here and not with the rest.
 */
export function socketOption(fd: number, option: number, size: number): DataView {
  const SOL_SOCKET = 1;
  const library = Deno.dlopen("libc.so.6", {
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  });
  // Filled first, so that an option that is never written does not read as 0.
  const bytes = new Uint8Array(size).fill(0xff);
  const result = library.symbols.getsockopt(fd, SOL_SOCKET, option, bytes, Uint32Array.of(size));
  library.close();
  if (result !== 0) throw new TypeError(`Cannot read socket option ${option}: received ${result}`);
  return new DataView(bytes.buffer);
}
