import { assertEquals } from "@std/assert";
import { whyOver } from "./why_over.ts";

Deno.test("a downtime that is too long is told by its two longest parts", () => {
  const record = {
    error: null,
    metrics: { downtime_ms: 500 },
    downtime_breakdown_ms: { stop: 100, ram: 5, "save nic0": 300, config: 20, load: 0, resume: 75 },
  };
  assertEquals(
    whyOver(record, 300),
    "200 ms over: stop-copy of nic0 takes 300 ms, stopping vCPUs and devices takes 100 ms",
  );
});

Deno.test("a migration that failed is told by its error", () => {
  const error = { message: "Cannot switch over", device: null, phase: "", call: null, errno: null };
  assertEquals(
    whyOver({ error, metrics: {}, downtime_breakdown_ms: {} }, 300),
    "Cannot switch over",
  );
});
