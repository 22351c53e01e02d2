import { assertEquals } from "@std/assert";
import { schedule } from "./schedule.ts";

Deno.test("cases are interleaved, and every other round runs backwards", () => {
  const turns = schedule([{ trials: 2, warmup: 1 }, { trials: 2, warmup: 1 }]);
  assertEquals(turns.map(({ caseNumber, trial }) => `${caseNumber}:${trial}`), [
    "0:-1",
    "1:-1",
    "1:0",
    "0:0",
    "0:1",
    "1:1",
  ]);
});

Deno.test("every case gets its trials and its warm-up, whatever the others get", () => {
  const cases = [{ trials: 5, warmup: 0 }, { trials: 1, warmup: 2 }, { trials: 0, warmup: 0 }];
  const turns = schedule(cases);
  for (const [caseNumber, { trials, warmup }] of cases.entries()) {
    const own = turns.filter((turn) => turn.caseNumber === caseNumber).map((turn) => turn.trial);
    assertEquals(own, Array.from({ length: trials + warmup }, (_, i) => i - warmup));
  }
});
