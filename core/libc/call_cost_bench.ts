// What a call costs: `deno bench --allow-ffi core/libc/call_cost_bench.ts`.
// A `read` of no fd fails at once, so its time is the call's own. The bound function must stay within
// about 15 ns of the raw symbol.
import { libc } from "./library.ts";
import { monotonicNs } from "./monotonic.ts";
import { pointerOf } from "./pointer.ts";
import { lseek } from "./file.ts";
import { pread, read } from "./transfer.ts";

const pointer = pointerOf(new SharedArrayBuffer(65536));
const symbols = libc();

Deno.bench("the raw symbol: read(-1)", { group: "read", baseline: true }, () => {
  symbols.read(-1, pointer, 65536);
});

Deno.bench("read(-1)", { group: "read" }, () => {
  read(-1, pointer, 65536);
});

Deno.bench("pread(-1) beyond 4 GiB", { group: "offset" }, () => {
  pread(-1, pointer, 65536, 5 * 2 ** 30);
});

Deno.bench("lseek(-1) beyond 4 GiB", { group: "offset" }, () => {
  lseek(-1, 5 * 2 ** 30, 0);
});

Deno.bench("monotonicNs", { group: "clock" }, () => {
  monotonicNs();
});

Deno.bench("performance.now", { group: "clock" }, () => {
  performance.now();
});
