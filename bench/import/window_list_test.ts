import { assertEquals } from "@std/assert";
import { WindowList } from "./window_list.ts";

const window = (i: number) => ({
  at_us: i,
  transferred_bytes: i,
  time_spent_ms: 100,
  threshold_bytes: i,
  pending_bytes: i,
});

Deno.test("no window is lost, however many are put together", () => {
  for (const count of [0, 1, 7, 8, 9, 16, 17, 100, 1000, 4097]) {
    const windows = new WindowList(8);
    for (let i = 1; i <= count; i++) windows.add(window(i));
    const list = windows.list();
    assertEquals(windows.count, count);
    const sum = list.reduce((all, one) => all + one.transferred_bytes, 0);
    assertEquals(sum, count * (count + 1) / 2);
    assertEquals(list.reduce((all, one) => all + one.time_spent_ms, 0), count * 100);
    assertEquals(list.length <= 9, true, `${list.length} of ${count}`);
    const moments = list.map(({ threshold_bytes }) => threshold_bytes);
    assertEquals(moments, moments.toSorted((a, b) => a - b));
  }
});

Deno.test("up to its limit every window stands for itself", () => {
  const windows = new WindowList(8);
  for (let i = 1; i <= 8; i++) windows.add(window(i));
  assertEquals(windows.list(), Array.from({ length: 8 }, (_, i) => window(i + 1)));
});
