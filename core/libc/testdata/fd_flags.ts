import { close, OPEN, open } from "../file.ts";
import { pointerOf } from "../pointer.ts";
import { check } from "../system_call_error.ts";
import { read } from "../transfer.ts";

/** The kernel's own word on an fd's `OPEN` flags. Read here, as Deno asks for every permission in /proc. */
export function flagsOf(fd: number): number {
  const bytes = new Uint8Array(4096);
  const info = check(open(`/proc/self/fdinfo/${fd}`, OPEN.O_RDONLY), "open", "look at an fd");
  const length = check(read(info, pointerOf(bytes.buffer), 4096), "read", "look at an fd");
  close(info);
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  return parseInt(/^flags:\s*([0-7]+)$/m.exec(text)?.[1] ?? "", 8);
}
