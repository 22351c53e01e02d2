// Fails in another way than the main thread, at the same time, and counts every errno not its own.
import { ERRNO } from "../errno.ts";
import { ioctl } from "../ioctl.ts";
import { check } from "../system_call_error.ts";
import { memfdCreate } from "../memfd.ts";
import { close } from "../file.ts";

/** What the main thread asks for: `flags[0]` is set by the main thread, `flags[1]` by this one. */
export interface ErrnoRequest {
  readonly flags: Int32Array<SharedArrayBuffer>;
  readonly calls: number;
}

declare const self: DedicatedWorkerGlobalScope;
interface DedicatedWorkerGlobalScope {
  onmessage: ((event: MessageEvent<ErrnoRequest>) => void) | null;
  postMessage(message: number): void;
}

self.onmessage = ({ data: { flags, calls } }) => {
  const fd = check(memfdCreate("errno"), "memfd_create", "make a file that knows no ioctl");
  let wrong = 0;
  Atomics.store(flags, 1, 1);
  Atomics.notify(flags, 1);
  Atomics.wait(flags, 0, 0);
  for (let call = 0; call < calls; call++) {
    if (ioctl(fd, 0x3b64, null) !== -ERRNO.ENOTTY) wrong += 1;
  }
  close(fd);
  self.postMessage(wrong);
};
