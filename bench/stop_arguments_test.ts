import { assertEquals, assertThrows } from "@std/assert";
import { parseStop, type StopTexts } from "./stop_arguments.ts";
import { UsageError } from "./usage_error.ts";

const NOTHING: StopTexts = {
  precision: undefined,
  precisionMetrics: [],
  maxTrials: undefined,
  maxTime: undefined,
};

Deno.test("without a precision, trials are as many as asked for, and the time is as given", () => {
  assertEquals(parseStop(NOTHING), { stop: undefined, maxTime_ms: undefined });
  assertEquals(parseStop({ ...NOTHING, maxTime: "1.5h" }).maxTime_ms, 5_400_000);
});

Deno.test("a precision has a metric, a most, and ten minutes, unless others are given", () => {
  assertEquals(parseStop({ ...NOTHING, precision: "0.5%" }), {
    stop: { precision_ratio: 0.005, metrics: ["downtime_ms"], most_trials: 1000 },
    maxTime_ms: 600_000,
  });
  const given = {
    precision: "7 %",
    precisionMetrics: ["total_time_ms", "total_time_ms", "throughput_stopcopy_bytes_per_s"],
    maxTrials: "40",
    maxTime: "90s",
  };
  assertEquals(parseStop(given), {
    stop: {
      precision_ratio: 0.07,
      metrics: ["total_time_ms", "throughput_stopcopy_bytes_per_s"],
      most_trials: 40,
    },
    maxTime_ms: 90_000,
  });
});

Deno.test("what is given wrong is told in one line", () => {
  const refused: [given: Partial<StopTexts>, says: string][] = [
    [{ precision: "2" }, "such as 2%"],
    [{ precision: "0%" }, "above 0 %"],
    [{ precision: "100%" }, "below 100 %"],
    [{ precision: "two%" }, "such as 2%"],
    [{ precision: "2%", maxTime: "10" }, "such as 30s, 10m or 2h"],
    [{ precision: "2%", maxTime: "0s" }, "such as 30s, 10m or 2h"],
    [{ precision: "2%", maxTime: "soon" }, "such as 30s, 10m or 2h"],
    [{ precision: "2%", maxTrials: "0" }, "a whole number from 1"],
    [{ precision: "2%", maxTrials: "1e3" }, "a whole number from 1"],
    [{ precision: "2%", precisionMetrics: ["downtime"] }, "did you mean downtime_ms?"],
    [{ maxTrials: "5" }, "--max-trials without --precision"],
    [{ precisionMetrics: ["downtime_ms"] }, "--precision-metric without --precision"],
  ];
  for (const [given, says] of refused) {
    const { message } = assertThrows(() => parseStop({ ...NOTHING, ...given }), UsageError, says);
    assertEquals(message.split("\n").length, 1);
  }
});
