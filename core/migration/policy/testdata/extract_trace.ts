/**
 * Extracts from a source's trace what its decisions were made of, and what they were.
 *
 *     deno run --allow-read extract_trace.ts SRC_TRACE [QMP_LOG] > RUN.json && deno fmt RUN.json
 *
 * SRC_TRACE is what `qemu -msg timestamp=on -trace ... -D SRC_TRACE` wrote, QEMU 10.0 or 11.1, as it is or
 * with gzip (`.gz`), of a migration with one VFIO device. QMP_LOG has a line
 * `SECONDS src query-migrate {JSON}` for each poll.
 *
 * @module
 */

import type {
  Answer,
  ExactQuery,
  FinalQuery,
  Pass,
  Poll,
  Query,
  Sizes,
  Trace,
  Turn,
  Window,
} from "./trace.ts";

interface Event {
  /** Microseconds since the epoch. */
  readonly us: number;
  readonly name: string;
  readonly args: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const PAGE_SIZE = 4096;
/** `PID@SECONDS.MICROS:event args` of 10.0, `ISO event args` of 11.1. */
const LINE = /^(?:\d+@(\d+)\.(\d{6}):|(\S+Z) )(\w+) ?(.*)$/;

function parseLine(line: string): Event | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, seconds, micros, iso, name = "", args = ""] = match;
  const us = iso === undefined
    ? Number(seconds) * 1e6 + Number(micros)
    : Math.floor(Date.parse(iso) / 1000) * 1e6 + Number(iso.slice(-7, -1));
  return { us, name, args };
}

/** The integer that follows a label. */
function int(args: string, label: string): number {
  const at = args.indexOf(label);
  const value = parseInt(args.slice(at + label.length).replace(/^[ =]*/, ""));
  if (at < 0 || Number.isNaN(value)) {
    throw new SyntaxError(`Cannot read "${label}" of an event: received "${args}"`);
  }
  return value;
}

/** The answer to a query ioctl of 11.1, which must have succeeded. */
function answered(args: string): string {
  if (int(args, "ret") !== 0) {
    throw new SyntaxError(`Cannot extract a query that failed: received "${args}"`);
  }
  return args;
}

/** Tells what each bitmap sync found from QEMU's count of dirty pages, which starts anew each second. */
class DirtyPages {
  #startMs: number | undefined = undefined;
  #pages = 0;
  /** Bytes that the last sync found. */
  foundBytes = 0;
  /** Pages per second, if the last sync ended a period. */
  rate: number | undefined = undefined;

  syncStart(us: number): void {
    this.#startMs ??= Math.floor(us / 1000);
  }

  syncEnd(us: number, pages: number): void {
    this.foundBytes = (pages - this.#pages) * PAGE_SIZE;
    const nowMs = Math.floor(us / 1000);
    const ms = nowMs - (this.#startMs ?? nowMs);
    const ends = ms > 1000;
    this.rate = ends ? Math.trunc(pages * 1000 / ms) : undefined;
    this.#pages = ends ? 0 : pages;
    if (ends) this.#startMs = nowMs;
  }
}

class Extractor {
  readonly passes: Mutable<Pass>[] = [];
  setup: Sizes | undefined = undefined;
  final: FinalQuery | undefined = undefined;
  acked = false;
  readonly #dirty = new DirtyPages();
  /** Acks not yet told to a pass, the window not yet told to a pass. */
  #acks = 0;
  #window: Window | undefined = undefined;
  #windowUs: number | undefined = undefined;
  #transferred = 0;
  #sectionEndUs = 0;
  /** What the device answered last, what its cache holds, what its turn read. */
  #answer: Answer = { initial: 0, dirty: 0 };
  #sizes: Sizes = { initial: 0, dirty: 0 };
  #turn: Mutable<Turn> | undefined = undefined;
  /** 10.0: the sum of RAM and the device. */
  #sum = 0;

  constructor(readonly qemu: Trace["qemu"]) {}

  #endPass(): void {
    const pass = this.passes.at(-1);
    if (pass?.then === "iterate") pass.sent ??= this.#transferred;
  }

  #beginPass(us: number, estimate: Query): void {
    this.#endPass();
    const pass: Mutable<Pass> = { estimate, then: "iterate" };
    if (this.#window !== undefined) pass.window = this.#window;
    else if (this.#windowUs !== undefined) pass.window_age_us = us - this.#windowUs;
    this.#window = undefined;
    if (this.#acks > 0) pass.acks = this.#acks;
    this.#acks = 0;
    this.passes.push(pass);
  }

  #decided(then: Pass["then"]): void {
    const pass = this.passes.at(-1);
    if (pass === undefined) return;
    pass.then = then;
    // 10.0 looks at the gate before the queries, 11.1 after them. With no ack in between it is the same.
    if (this.#acks > 0) throw new SyntaxError("Cannot extract an ack amid the queries of a pass");
  }

  #exact(ramBefore: number, query: Omit<Query, "ram">): ExactQuery {
    const ram = ramBefore + this.#dirty.foundBytes;
    const { rate } = this.#dirty;
    const answer = this.#answer;
    return { ram, ...query, answer, ...(rate === undefined ? {} : { dirty_pages_rate: rate }) };
  }

  take({ us, name, args }: Event): void {
    const pass = this.passes.at(-1);
    switch (name) {
      case "migration_bitmap_sync_start":
        return this.#dirty.syncStart(us);
      case "migration_bitmap_sync_end":
        return this.#dirty.syncEnd(us, int(args, "dirty_pages"));
      case "migration_transferred_bytes":
        this.#transferred = int(args, "qemu_file") + int(args, "multifd");
        return;
      case "migrate_transferred":
        this.#endPass();
        this.#window = window(args);
        this.#windowUs = us;
        return;
      case "migration_rate_limit_pre":
        this.#endPass();
        if (pass === undefined || this.#windowUs === undefined) return;
        pass.wait = {
          ms: parseInt(args),
          age_at_end_us: this.#sectionEndUs - this.#windowUs,
          age_at_start_us: us - this.#windowUs,
        };
        return;
      case "savevm_section_end":
        this.#sectionEndUs = us;
        return;
      case "source_return_path_thread_switchover_acked":
        this.#acks += 1;
        this.acked = true;
        return;
      case "savevm_state_iterate":
        return this.#decided("iterate");
      case "migration_thread_low_pending":
        return this.#decided("complete");
      case "vfio_save_iterate_start":
      case "vfio_save_block":
      case "vfio_send_init_data_flag":
      case "vfio_save_iterate":
        if (pass?.then === "iterate") this.#takeTurn(pass, name, args);
        return;
      default:
        return this.qemu === "10.0" ? this.#take10(us, name, args) : this.#take11(us, name, args);
    }
  }

  #takeTurn(pass: Mutable<Pass>, name: string, args: string): void {
    // A read that found nothing writes no block.
    const turn = this.#turn ??= { read: 0, left: { initial: 0, dirty: 0 } };
    if (name === "vfio_save_block") turn.read = int(args, "data_size");
    if (name === "vfio_send_init_data_flag") turn.marker = 1;
    if (name !== "vfio_save_iterate") return;
    turn.left = sizes(args);
    pass.turn = turn;
    this.#turn = undefined;
  }

  #take10(us: number, name: string, args: string): void {
    const pass = this.passes.at(-1);
    switch (name) {
      case "vfio_state_pending_exact":
      case "vfio_state_pending_estimate":
        this.#sum = int(args, ") precopy");
        this.#sizes = sizes(args);
        this.setup ??= this.#sizes;
        if (name === "vfio_state_pending_exact") {
          this.#answer = { ...this.#sizes, stop: int(args, "stopcopy size") };
        }
        return;
      case "migrate_pending_estimate": {
        const ram = this.#sum - this.#sizes.initial - this.#sizes.dirty;
        return this.#beginPass(us, { ram, sizes: this.#sizes, total: int(args, "pending size") });
      }
      case "migrate_pending_exact":
        if (pass === undefined) return;
        pass.exact = this.#exact(pass.estimate.ram, {
          sizes: this.#sizes,
          total: int(args, "pending size"),
        });
    }
  }

  #take11(us: number, name: string, args: string): void {
    const pass = this.passes.at(-1);
    switch (name) {
      case "vfio_query_stop_copy_size":
        this.#answer = { initial: 0, dirty: 0, stop: int(answered(args), "stopcopy size") };
        return;
      case "vfio_query_precopy_size":
        this.#answer = {
          ...this.#answer,
          initial: int(answered(args), "init"),
          dirty: int(args, "dirty"),
          ...(int(args, "reinit") === 0 ? {} : { reinit: 1 }),
        };
        this.setup ??= this.#answer;
        return;
      case "vfio_state_pending":
        this.#sizes = { ...sizes(args), stop: int(args, "stopcopy size") };
        return;
      case "qemu_savevm_query_pending": {
        const query = {
          sizes: this.#sizes,
          total: int(args, " total"),
          requests: int(args, "collected switchover ack pending"),
          owed: int(args, "total switchover ack pending"),
        };
        if (int(args, "exact") === 0) {
          const ram = int(args, " precopy") - this.#sizes.initial - this.#sizes.dirty;
          this.#beginPass(us, { ram, ...query });
        } else if (int(args, "final") === 0) {
          if (pass !== undefined) pass.exact = this.#exact(pass.estimate.ram, query);
        } else {
          const ram = (pass?.exact?.ram ?? 0) + this.#dirty.foundBytes;
          this.final = { ram, ...query, check: this.#answer };
        }
      }
    }
  }
}

function sizes(args: string): Sizes {
  return { initial: int(args, "initial size"), dirty: int(args, "dirty size") };
}

function window(args: string): Window {
  const transferred = int(args, "transferred");
  const time_ms = int(args, "time_spent");
  const max_size = int(args, "max_size");
  const limit = Math.round(max_size * time_ms / transferred);
  return {
    transferred,
    time_ms,
    bandwidth: int(args, "bandwidth"),
    switchover_bw: int(args, "switchover_bw"),
    max_size,
    ...(limit === 300 ? {} : { downtime_limit_ms: limit }),
  };
}

function extractTrace(text: string): Trace {
  const extractor = new Extractor(/^\d+@/.test(text) ? "10.0" : "11.1");
  for (const line of text.split("\n")) {
    const event = parseLine(line);
    if (event !== undefined) extractor.take(event);
  }
  const { qemu, acked, setup, passes, final } = extractor;
  if (setup === undefined) throw new SyntaxError("Cannot extract a trace without a VFIO device");
  return {
    qemu,
    switchover_ack: acked,
    setup,
    passes,
    ...(final === undefined ? {} : { final }),
  };
}

/** The polls of the active migration, those in a row that are the same as one; and the last count. */
function extractPolls(log: string): Required<Pick<Trace, "polls" | "dirty_sync_count">> {
  const polls: Poll[] = [];
  let dirty_sync_count = 0;
  for (const line of log.split("\n")) {
    const json = /^[\d.]+ src query-migrate (\{.*\})$/.exec(line)?.[1];
    if (json === undefined) continue;
    const { status, ram, "expected-downtime": expected } = JSON.parse(json);
    if (status === "completed") dirty_sync_count = ram["dirty-sync-count"];
    if (status !== "active") continue;
    const poll: Poll = {
      mbps: ram.mbps,
      dirty_sync_count: ram["dirty-sync-count"],
      expected_downtime_ms: expected,
    };
    if (JSON.stringify(poll) !== JSON.stringify(polls.at(-1))) polls.push(poll);
  }
  return { dirty_sync_count, polls };
}

async function readText(path: string): Promise<string> {
  const { readable } = await Deno.open(path);
  const plain = path.endsWith(".gz")
    ? readable.pipeThrough(new DecompressionStream("gzip"))
    : readable;
  return await new Response(plain).text();
}

if (import.meta.main) {
  const [tracePath, qmpPath] = Deno.args;
  if (tracePath === undefined) {
    throw new TypeError("Cannot extract a trace without its path: received no argument");
  }
  const trace = extractTrace(await readText(tracePath));
  const polls = qmpPath === undefined ? {} : extractPolls(await readText(qmpPath));
  await new Response(JSON.stringify({ ...trace, ...polls })).body?.pipeTo(Deno.stdout.writable);
}
