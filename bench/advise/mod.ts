/**
 * Which settings keep a migration within a downtime limit, and what each costs: tried on the virtual clock.
 * @module
 */
export { type Advice, ADVICE_SCHEMA, advise, type Tried } from "./advise.ts";
export { adviceLines } from "./advice_lines.ts";
export { type Effect, numbersOf, scaled, varyNumbers } from "./vary_numbers.ts";
export { readSubject, type Subject } from "./read_subject.ts";
