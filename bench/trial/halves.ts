import { type HalfWorker, startHalfWorker } from "./half_worker.ts";

/** The two Workers of a trial. */
export interface Halves {
  readonly source: HalfWorker;
  readonly destination: HalfWorker;
}

/** Two Workers that begin. */
export function startHalves(): Halves {
  return { source: startHalfWorker("source"), destination: startHalfWorker("destination") };
}

/** Ends two Workers of which none is blocked. */
export function endHalves({ source, destination }: Halves): void {
  source.end();
  destination.end();
}
