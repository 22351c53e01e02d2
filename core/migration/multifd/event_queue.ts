/** Something that happens at a moment of simulated time. */
export interface QueuedEvent {
  readonly atNs: number;
  /** Its place among all that were ever added: what is added first happens first at the same moment. */
  readonly sequence: number;
  readonly happen: () => void;
}

/** Events ordered by (time, sequence): a binary heap, the first on top. */
export interface EventQueue {
  readonly heap: QueuedEvent[];
  sequence: number;
}

/** An empty queue. */
export function createEventQueue(): EventQueue {
  return { heap: [], sequence: 0 };
}

/** Adds an event. O(log of the events in the queue). */
export function addEvent(queue: EventQueue, atNs: number, happen: () => void): void {
  const { heap } = queue;
  const event = { atNs, sequence: queue.sequence++, happen };
  let i = heap.length;
  heap.push(event);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(event, above)) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = event;
}

/** Takes the first event out; `undefined` where there is none. */
export function takeEvent({ heap }: EventQueue): QueuedEvent | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    let below = heap[child];
    const right = heap[child + 1];
    if (below !== undefined && right !== undefined && isBefore(right, below)) {
      below = right;
      child++;
    }
    if (below === undefined || !isBefore(below, last)) break;
    heap[i] = below;
    i = child;
  }
  heap[i] = last;
  return first;
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.atNs !== b.atNs ? a.atNs < b.atNs : a.sequence < b.sequence;
}
