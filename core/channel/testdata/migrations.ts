import fc from "fast-check";
import { MESSAGE } from "../mod.ts";

/** A message as a test sends it. */
export interface Sent {
  readonly kind: number;
  readonly device: number;
  readonly length: number;
}

const { SETUP, DATA, INIT_DATA_SENT, SWITCHOVER_START, END_OF_STATE, CONFIG, RAM, EOF } = MESSAGE;
const MAX_DEVICES = 2;

function say(kind: number, device = 0, length = 0): Sent {
  return { kind, device, length };
}

/** What a source can say, in an order that it can say it in, from the first SETUP to EOF: at most 24 messages. */
export function migrations(sizes: fc.Arbitrary<number>): fc.Arbitrary<Sent[]> {
  return fc.record({
    deviceCount: fc.nat(MAX_DEVICES),
    passes: fc.array(fc.tuple(fc.nat(3), fc.nat(MAX_DEVICES), sizes), { maxLength: 8 }),
    ram: fc.array(sizes, { maxLength: 2 }),
    states: fc.array(
      fc.record({
        // Version 1 sends its config before the data.
        configFirst: fc.boolean(),
        data: fc.array(sizes, { maxLength: 2 }),
        config: sizes,
      }),
      { minLength: MAX_DEVICES, maxLength: MAX_DEVICES },
    ),
  }).map(({ deviceCount, passes, ram, states }) => {
    const devices = [...states.slice(0, deviceCount).entries()];
    const asPass = ([what, which, length]: [number, number, number]): Sent[] => {
      const device = deviceCount === 0 ? 0 : which % (deviceCount + 1);
      if (device === 0) return length === 0 ? [] : [say(RAM, 0, length)];
      if (what === 2) return [say(INIT_DATA_SENT, device)];
      // Version 1's end of a pass without data.
      return what === 3 ? [say(END_OF_STATE, device)] : [say(DATA, device, length)];
    };
    return [
      ...devices.map(([i]) => say(SETUP, i + 1)),
      ...passes.flatMap(asPass),
      say(SWITCHOVER_START),
      ...ram.filter((length) => length > 0).map((length) => say(RAM, 0, length)),
      ...devices.flatMap(([i, { configFirst, data, config }]) => [
        ...(configFirst ? [say(CONFIG, i + 1, config)] : []),
        ...data.map((length) => say(DATA, i + 1, length)),
        say(END_OF_STATE, i + 1),
      ]),
      ...devices.flatMap(([i, { configFirst, config }]) =>
        configFirst ? [] : [say(CONFIG, i + 1, config)]
      ),
      say(EOF),
    ];
  });
}
