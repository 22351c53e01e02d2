import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { allow, createRateLimiter, resetRateLimiter } from "./rate_limiter.ts";

Deno.test("the first question is allowed, and the next once more than the period has passed", () => {
  const limiter = createRateLimiter(1000);
  assertEquals(allow(limiter, 5000), true);
  assertEquals(allow(limiter, 5000), false);
  assertEquals(allow(limiter, 6000), false);
  assertEquals(allow(limiter, 6001), true);
  assertEquals(allow(limiter, 7000), false);
  assertEquals(allow(limiter, 7002), true);
});

Deno.test("a long silence saves nothing up", () => {
  const limiter = createRateLimiter(1000);
  allow(limiter, 0);
  assertEquals(allow(limiter, 100_000), true);
  assertEquals(allow(limiter, 100_001), false);
  assertEquals(allow(limiter, 101_000), false);
});

Deno.test("a reset forgets", () => {
  const limiter = createRateLimiter(1000);
  allow(limiter, 0);
  resetRateLimiter(limiter);
  assertEquals(allow(limiter, 1), true);
});

Deno.test("however it is asked, two are never allowed within a period", () => {
  const waits = fc.array(fc.integer({ min: 0, max: 3000 }));
  fc.assert(fc.property(waits, (waits) => {
    const limiter = createRateLimiter(1000);
    let now = 0;
    let last = -Infinity;
    for (const wait of waits) {
      now += wait;
      const overdue = now - last > 1000;
      assertEquals(allow(limiter, now), overdue);
      if (overdue) last = now;
    }
  }));
});
