import { numberAfter, numberAfterIfAny } from "./arguments.ts";
import { DirtyPages } from "./dirty_pages.ts";
import type { Moment } from "./migration.ts";
import type {
  PassAnswer,
  PassCache,
  PassQuery,
  PassWindow,
  TracedPass,
} from "../../core/migration/mod.ts";

/** Takes a pass when it is over. */
export type TakePass = (pass: TracedPass) => void;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Puts passes together out of the events of a source. A pass begins with its cheap query, and is over when
 * the next begins, or with the decision to switch over:
 *
 *     estimate [exact] -> iterate: the devices' turns -> [window closes] -> estimate ...
 *                      -> complete
 */
export class PassLog {
  readonly dirty = new DirtyPages();
  passes = 0;
  exactQueries = 0;
  acks = 0;
  guestRunning = true;
  /** The total of the last query. */
  pendingBytes: number | null = null;
  firstRam: number | null = null;
  #pass: Mutable<TracedPass> | undefined = undefined;
  #decided = false;
  #window: PassWindow | undefined = undefined;
  #acksBefore = 0;
  #acksAmid = 0;
  #caches: (PassCache | undefined)[] = [];
  #answers: (PassAnswer | undefined)[] = [];
  #reads: (number | undefined)[] = [];
  /** Dirty RAM after the last query that told it. */
  #ram: number | undefined = undefined;
  #syncsSeen = 0;

  constructor(readonly take: TakePass) {}

  ack(): void {
    this.acks++;
    if (this.#pass === undefined || this.#decided) this.#acksBefore++;
    else this.#acksAmid++;
  }

  /** `migrate_transferred`. */
  window(args: string): PassWindow {
    return this.#window = {
      transferred: numberAfter(args, "transferred"),
      timeSpentMs: numberAfter(args, "time_spent"),
      threshold: numberAfter(args, "max_size"),
      switchoverBandwidth: numberAfterIfAny(args, "switchover_bw"),
    };
  }

  cache(device: number, cache: PassCache): void {
    this.#caches[device] = cache;
  }

  answer(device: number, answer: PassAnswer): void {
    const before = this.#answers[device] ?? NO_ANSWER;
    this.#answers[device] = {
      stop: answer.stop === undefined ? before.stop : answer.stop,
      initial: answer.initial === undefined ? before.initial : answer.initial,
      dirty: answer.dirty === undefined ? before.dirty : answer.dirty,
      reinit: before.reinit || answer.reinit,
    };
  }

  read(device: number, bytes: number): void {
    this.#reads[device] = bytes;
  }

  /** Forgets what was answered at setup: it belongs to no pass. */
  takeAnswers(): readonly (PassAnswer | undefined)[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
  }

  /** The cheap query with which a pass begins. */
  estimate(at_us: Moment, query: Omit<PassQuery, "caches">): void {
    this.flush();
    this.passes++;
    this.pendingBytes = query.total;
    this.#ram = query.ram ?? query.total;
    this.firstRam ??= this.#ram;
    this.#pass = {
      number: this.passes,
      at_us,
      window: this.#window,
      acksBefore: this.#acksBefore,
      acksAmid: 0,
      guestRunning: this.guestRunning,
      estimate: { ...query, caches: this.#takeCaches() },
      exact: undefined,
      answers: [],
      dirtyPagesRate: undefined,
      then: "iterate",
      reads: [],
    };
    this.#decided = false;
    this.#window = undefined;
    this.#acksBefore = 0;
    this.#acksAmid = 0;
    this.#syncsSeen = this.dirty.ended;
  }

  /** Its exact query, if it has one. */
  exact(at_us: Moment, query: Omit<PassQuery, "caches" | "ram">): void {
    this.exactQueries++;
    this.pendingBytes = query.total;
    // Without times nobody knows when QEMU's count of dirty pages started anew.
    const synced = at_us !== null && this.dirty.ended > this.#syncsSeen;
    const ram = synced && this.#ram !== undefined ? this.#ram + this.dirty.foundBytes : undefined;
    this.#ram = ram;
    const answers = this.takeAnswers();
    const caches = this.#takeCaches();
    if (this.#pass === undefined) return;
    this.#pass.exact = { ...query, ram, caches };
    this.#pass.answers = answers;
    this.#pass.dirtyPagesRate = this.dirty.rate;
  }

  decided(then: TracedPass["then"]): void {
    if (this.#pass === undefined) return;
    this.#pass.then = then;
    this.#decided = true;
  }

  /** The pass is over, if one is open. */
  flush(): void {
    if (this.#pass === undefined) return;
    const pass = { ...this.#pass, acksAmid: this.#acksAmid, reads: this.#reads };
    this.#pass = undefined;
    this.#reads = [];
    this.take(pass);
  }

  #takeCaches(): readonly (PassCache | undefined)[] {
    const caches = this.#caches;
    this.#caches = [];
    return caches;
  }
}

/** A device that was not asked. */
export const NO_ANSWER: PassAnswer = {
  stop: undefined,
  initial: undefined,
  dirty: undefined,
  reinit: false,
};
