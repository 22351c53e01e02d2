import { libcSupport, missingLibraryLine, UnsupportedPlatformError } from "./support.ts";

const FILE = "libc.so.6";

/**
 * The C functions in use, as the FFI calls them fastest.
 *
 * - `i32` results: an `ssize_t` would come back as a bigint. The kernel moves at most 0x7ffff000 bytes
 *   in one call, so every `read` fits.
 * - `u32` lengths: a number given where `usize` is declared leaves V8's fast path.
 * - `pointer`, not `buffer`, where a call is repeated: the address is then looked up once, not per call.
 * - Variadic functions (`open`, `fcntl`, `ioctl`) are called like any other: on Linux, on both
 *   architectures, variadic integers travel in the same registers.
 */
const SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer" },
  clock_gettime: { parameters: ["i32", "pointer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  fallocate: { parameters: ["i32", "i32", "i64", "i64"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  memcmp: { parameters: ["pointer", "pointer", "usize"], result: "i32" },
  memcmpAt: { name: "memcmp", parameters: ["usize", "usize", "usize"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  memset: { parameters: ["usize", "i32", "usize"], result: "pointer" },
  pread: { parameters: ["i32", "pointer", "u32", "i64"], result: "i32" },
  pwrite: { parameters: ["i32", "pointer", "u32", "i64"], result: "i32" },
  read: { parameters: ["i32", "pointer", "u32"], result: "i32" },
  readv: { parameters: ["i32", "pointer", "i32"], result: "i32" },
  write: { parameters: ["i32", "pointer", "u32"], result: "i32" },
  writev: { parameters: ["i32", "pointer", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * What no byte of state goes through, and what is called once or not at all. Apart, as binding a function takes a
 * tenth of a millisecond and every Worker of every trial binds its own.
 */
const SETUP_SYMBOLS = {
  accept4: { parameters: ["i32", "pointer", "pointer", "i32"], result: "i32" },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  getdents64: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  inet_ntop: { parameters: ["i32", "buffer", "buffer", "u32"], result: "pointer" },
  inet_pton: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  ioctl: { parameters: ["i32", "u32", "pointer"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  madvise: { parameters: ["usize", "usize", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  poll: { parameters: ["pointer", "u32", "i32"], result: "i32" },
  pollInPool: {
    name: "poll",
    parameters: ["pointer", "u32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  readlink: { parameters: ["buffer", "buffer", "u32"], result: "i32" },
  rename: { parameters: ["buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The bound C functions. */
export type Symbols = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

/** The bound C functions of setup. */
export type SetupSymbols = Deno.StaticForeignLibraryInterface<typeof SETUP_SYMBOLS>;

let symbols: Symbols | undefined;
let setupSymbols: SetupSymbols | undefined;

// `errno` lies in each thread's own memory. A Worker has its own instance of this module, so this is
// one view per thread. It is read right after a call: any failing Deno op in between overwrites it.
let errnoCell = new Int32Array(1);

/**
 * The bound C functions of this thread, loaded at the first call and never at import.
 *
 * @throws {UnsupportedPlatformError} Where {@linkcode libcSupport} has a reason, or glibc is missing.
 */
export function libc(): Symbols {
  return symbols ?? load();
}

/**
 * The others, bound at their own first call: sockets, names, ioctl, poll.
 *
 * @throws As {@linkcode libc} does.
 */
export function setupLibc(): SetupSymbols {
  if (setupSymbols !== undefined) return setupSymbols;
  // With it comes this thread's view of errno.
  libc();
  return setupSymbols = open(SETUP_SYMBOLS);
}

function load(): Symbols {
  const reason = libcSupport();
  if (reason !== null) throw new UnsupportedPlatformError(reason);
  const loaded = open(SYMBOLS);
  const location = loaded.__errno_location();
  if (location === null) {
    throw new TypeError("Cannot use __errno_location: received a null pointer");
  }
  errnoCell = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(location, 4));
  symbols = loaded;
  return loaded;
}

function open<const T extends Deno.ForeignLibraryInterface>(
  wanted: T,
): Deno.StaticForeignLibraryInterface<T> {
  try {
    return Deno.dlopen(FILE, wanted).symbols;
  } catch (cause) {
    // Deno's own message says which flag to give.
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw new UnsupportedPlatformError(missingLibraryLine(FILE), { cause });
  }
}

/** This thread's `errno`, positive: meaningful right after a C function has failed. */
export function lastErrno(): number {
  return errnoCell[0] ?? 0;
}

/** A C result as the kernel gives it: itself when >= 0, else the negative errno. */
export function orErrno(result: number): number {
  return result < 0 ? -lastErrno() : result;
}
