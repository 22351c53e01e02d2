import { close, OPEN, open } from "./file.ts";
import { pointerOf } from "./pointer.ts";
import { read } from "./transfer.ts";

/**
 * A small text file, such as an attribute in /sys, to its end.
 *
 * @param most In bytes; what is beyond is left out.
 * @returns The text as it stands there, or a negative errno.
 */
export function readText(path: string, most = 65536): string | number {
  const fd = open(path, OPEN.O_RDONLY);
  if (fd < 0) return fd;
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const n = read(fd, pointerOf(bytes.buffer, length), most - length);
    if (n < 0) {
      close(fd);
      return n;
    }
    if (n === 0) break;
    length += n;
  }
  close(fd);
  return new TextDecoder().decode(bytes.subarray(0, length));
}
