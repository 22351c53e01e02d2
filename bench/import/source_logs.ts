import { CutOffError, deviceOf, numberAfter } from "./arguments.ts";
import { type KnownOptions, ReplayChoice } from "./choose_replay.ts";
import type { DeviceFacts } from "./source_devices.ts";
import { SourceLog, twoAtOnce } from "./source_log.ts";
import { SideThreads } from "./side_threads.ts";
import type { TraceEvent } from "./trace_event.ts";

/** An outgoing migration with its replays. */
export interface SourcePart {
  readonly log: SourceLog;
  readonly replays: ReplayChoice;
}

const MIG_FLAG_P2P = 2, MIG_FLAG_PRE_COPY = 4;

/** Tells the outgoing migrations of one log apart: each begins with the state `setup`. */
export class SourceLogs {
  /** Those that are over. */
  readonly parts: SourcePart[] = [];
  unreadable = 0;
  /** Whether the log is of a destination: what to say where there is no outgoing migration. */
  isIncoming = false;
  #part: SourcePart | undefined = undefined;
  /** Migration threads of which nothing more may come: another migration has begun. */
  readonly #unended = new Set<number>();
  readonly #facts = new Map<string, DeviceFacts>();
  readonly #threads = new SideThreads("source");

  constructor(readonly known: KnownOptions) {}

  take(event: TraceEvent): void {
    const { name, args, us } = event;
    if (name === "loadvm_state_setup") this.isIncoming = true;
    if (this.#threads.isOther(event)) return;
    if (event.thread !== null && this.#unended.has(event.thread)) throw twoAtOnce();
    if (name === "vfio_migration_init") return this.#init(args);
    if (name === "migrate_set_state" && args.trim() === "new state setup") {
      this.#finish();
      const replays = new ReplayChoice(this.known);
      this.#part = { log: new SourceLog(us, replays, (id) => this.#facts.get(id)), replays };
    }
    this.#part?.log.take(event);
  }

  end(): void {
    this.#finish();
  }

  #finish(): void {
    const part = this.#part;
    this.#part = undefined;
    if (part === undefined) return;
    part.log.end();
    this.unreadable += part.log.unreadable;
    if (!part.log.isOutgoing) return;
    this.parts.push(part);
    const { outcome, thread } = part.log;
    if (outcome === null && thread !== null) this.#unended.add(thread);
  }

  #init(args: string): void {
    try {
      const flags = numberAfter(args, "mig_flags");
      this.#facts.set(deviceOf(args), {
        supportsP2p: (flags & MIG_FLAG_P2P) !== 0,
        supportsPrecopy: (flags & MIG_FLAG_PRE_COPY) !== 0,
        precopyInfoV2: numberAfter(args, "precopy_info_v2_used") !== 0,
      });
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error;
      this.unreadable++;
    }
  }
}
