import { assertEquals, assertThrows } from "@std/assert";
import { clockOffset, type Messages } from "./clock_offset.ts";
import { ImportError } from "./import_error.ts";
import { SectionTimes } from "./section_times.ts";

function messages(
  sections: readonly number[],
  commands: Record<string, number[]> = {},
  replies: Record<string, number[]> = {},
): Messages {
  const times = new SectionTimes();
  for (const us of sections) times.add(us);
  return {
    sections: times,
    commands: new Map(Object.entries(commands)),
    replies: new Map(Object.entries(replies)),
  };
}

Deno.test("the offset lies between the tightest bounds, whatever the delays", () => {
  // The destination is 5000 us ahead; the quickest messages took 100 there and 60 back.
  const offset = clockOffset(
    messages([0, 1000, 2000], { ping: [500] }, { pong: [900], ack: [3000, 4000] }),
    messages([5100, 6900, 8000], { ping: [5700] }, { pong: [5700], ack: [7940, 8900] }),
  );
  assertEquals(offset, {
    offset_us: 5020,
    uncertainty_us: 80,
    forward_pairs: 4,
    backward_pairs: 3,
  });
});

Deno.test("without messages back there is one bound, and the error has no limit", () => {
  const offset = clockOffset(messages([0, 1000]), messages([300, 1200]));
  assertEquals([offset?.offset_us, offset?.uncertainty_us], [200, null]);
});

Deno.test("lists that are not as long on both sides bound nothing", () => {
  const offset = clockOffset(messages([0, 1000], { ping: [5] }), messages([300], { ping: [5, 6] }));
  assertEquals(offset, null);
});

Deno.test("a very long stream is held against itself one section in so many", () => {
  const sent = Array.from({ length: 100_000 }, (_, i) => i * 10);
  const offset = clockOffset(messages(sent), messages(sent.map((us) => us + 77)));
  assertEquals(offset?.offset_us, 77);
});

Deno.test("bounds that contradict each other are of two migrations", () => {
  assertThrows(
    () =>
      clockOffset(
        messages([10_000], {}, { pong: [10_000] }),
        messages([5000], {}, { pong: [9000] }),
      ),
    ImportError,
    "not of the same migration",
  );
});
