import { createRandom } from "../random.ts";

/** Choices from a seed. The same seed makes the same ones on every machine. */
export interface Dice {
  /** Whether something of this probability comes about. */
  chance(probability: number): boolean;
  /** A whole number from `min` to `max`, both of them too. */
  whole(min: number, max: number): number;
  /** A whole number from `min` to `max`, of any order of magnitude alike. */
  sized(min: number, max: number): number;
  /** One of these. */
  pick<const T>(from: readonly T[]): T;
}

/** Dice that begin with a seed. */
export function createDice(seed: number): Dice {
  const random = createRandom(seed);
  const whole = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  return {
    chance: (probability) => random() < probability,
    whole,
    sized(min, max) {
      const low = Math.log(min + 1);
      return Math.floor(Math.exp(low + random() * (Math.log(max + 2) - low))) - 1;
    },
    pick(from) {
      const one = from[whole(0, from.length - 1)];
      if (one === undefined) throw new RangeError("Cannot pick one of nothing");
      return one;
    },
  };
}
