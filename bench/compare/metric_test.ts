import { assertEquals } from "@std/assert";
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import { betterOf, metricNames, metricOf, metricText, metricUnit } from "./metric.ts";
import { caseOf, trialOf } from "./testdata/synthetic.ts";

Deno.test("more bytes per second are better, less of everything else is", () => {
  assertEquals(betterOf("throughput_stopcopy_bytes_per_s"), "higher");
  assertEquals(betterOf("throughput_precopy_bytes_per_s"), "higher");
  for (const metric of ["downtime_ms", "total_time_ms", "bytes_total", "devices.a.b.save_ms"]) {
    assertEquals(betterOf(metric), "lower", metric);
  }
});

Deno.test("a metric is the trial's, a device's whose id has dots, or a part of the downtime", () => {
  const trial = trialOf(caseOf(0), 0, { downtime_ms: 7 });
  assertEquals(metricOf(trial, "downtime_ms"), 7);
  assertEquals(metricOf(trial, "devices.0000:01:00.0.save_ms"), 7);
  assertEquals(metricOf(trial, "downtime_breakdown_ms.stop"), 7);
  for (const name of metricNames(trial)) assertEquals(metricOf(trial, name), 7, name);
});

Deno.test("a percentile of a trial's durations is a metric, in microseconds", () => {
  const recorder = createRecorder();
  for (const ns of [1000, 2000, 3000]) recordNs(recorder, ns);
  const histograms = {
    read_us: encodeHistogram(recorder),
    write_us: encodeHistogram(createRecorder()),
  };
  const trial = { ...trialOf(caseOf(0), 0, {}), histograms };
  assertEquals(metricOf(trial, "read_us.p50"), 2);
  assertEquals(Math.round(metricOf(trial, "read_us.max") ?? 0), 3);
  // Nothing was recorded, no such percentile, no such histogram.
  for (const name of ["write_us.p50", "read_us.p51", "read_us.constructor", "load_us.p50"]) {
    assertEquals(metricOf(trial, name), undefined, name);
  }
  assertEquals(metricNames(trial).includes("read_us.p999"), true);
  assertEquals([metricText("read_us.p50", 2), metricUnit("read_us.p50")], ["2.00 us", "us"]);
});

Deno.test("names that every object has are no metrics", () => {
  const trial = trialOf(caseOf(0), 0, { downtime_ms: 7 });
  for (
    const name of [
      "constructor",
      "devices.constructor.name",
      "devices.",
      "devices",
      "",
      "__proto__",
    ]
  ) {
    assertEquals(metricOf(trial, name), undefined, name);
  }
});

Deno.test("values have their units", () => {
  assertEquals(metricText("downtime_ms", 1.25), "1.25 ms");
  assertEquals(metricText("downtime_breakdown_ms.save nic0", 12.25), "12.3 ms");
  assertEquals(metricText("throughput_stopcopy_bytes_per_s", 2 ** 30), "1 GiB/s");
  assertEquals(metricText("bytes_total", 2 ** 20), "1 MiB");
  assertEquals(metricText("failed_ratio", 0.5), "50.0 %");
  assertEquals(metricText("passes", 3), "3.00");
  assertEquals(metricUnit("devices.nic0.save_ms"), "ms");
  assertEquals(metricUnit("throughput_stopcopy_bytes_per_s"), "bytes/s");
  assertEquals(metricUnit("bytes_ram"), "bytes");
  assertEquals(metricUnit("passes"), "count");
});
