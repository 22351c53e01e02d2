// Answers every message with the time.
import { monotonicNs } from "../monotonic.ts";

declare const self: DedicatedWorkerGlobalScope;
interface DedicatedWorkerGlobalScope {
  onmessage: (() => void) | null;
  postMessage(message: number): void;
}

self.onmessage = () => self.postMessage(monotonicNs());
