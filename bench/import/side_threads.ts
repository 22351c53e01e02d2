import type { TraceEvent } from "./trace_event.ts";

/**
 * Which threads of a log belong to the other side, where two QEMUs wrote to one file and said which thread
 * wrote (up to 11.0): those that load are a destination's, those that save a source's.
 */
export class SideThreads {
  readonly #others = new Set<number>();

  constructor(readonly side: "source" | "destination") {}

  isOther({ name, thread }: TraceEvent): boolean {
    const isLoading = name.startsWith("loadvm_") || name.startsWith("qemu_loadvm_") ||
      name.startsWith("vfio_load_");
    const isSaving = name.startsWith("savevm_") || name.startsWith("vfio_save_") ||
      name.startsWith("migrate_pending_");
    if (this.side === "source" ? isLoading : isSaving) {
      if (thread !== null) this.#others.add(thread);
      return true;
    }
    return thread !== null && this.#others.has(thread);
  }
}
