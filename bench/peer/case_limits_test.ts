import { assertEquals, assertMatch } from "@std/assert";
import { CASE_LIMITS, memoryNeeded, whyNotTaken } from "./case_limits.ts";
import { NIC, onlyCase } from "./testdata/parts.ts";

const MIB = 1024 * 1024;
const FREE = 64 * 1024 * MIB;

Deno.test("what a destination takes is counted with RAM, buffers and multifd's queue", () => {
  const own = memoryNeeded(onlyCase({ devices: [{ ...NIC, state_size: 0 }] }));
  const one = memoryNeeded(onlyCase({ devices: [{ ...NIC, state_size: "100MiB" }] }));
  assertEquals(one - own, 100 * MIB);
  const ram = memoryNeeded(
    onlyCase({ devices: [{ ...NIC, state_size: 0 }], ram: { size: "50MiB" } }),
  );
  assertEquals(ram - own, 50 * MIB);
  const single = { channel: "unix", buffer_size: "1MiB" };
  const oneChannel = memoryNeeded(
    onlyCase({ params: single, devices: [{ ...NIC, state_size: 0 }] }),
  );
  const params = { ...single, multifd: true, channels: 4 };
  const multifd = memoryNeeded(onlyCase({ params, devices: [{ ...NIC, state_size: "100MiB" }] }));
  // The state three times; a buffer for each of four more channels, and a thread for each and for the device.
  assertEquals(multifd - oneChannel, (300 + 4 + 5 * 16) * MIB);
});

Deno.test("what is too large, too long or too slow is not taken, and why is said", () => {
  const why = (file: Record<string, unknown>, limits = CASE_LIMITS, free = FREE) =>
    whyNotTaken(onlyCase(file), limits, free) ?? "";
  assertEquals(why({}), "");
  assertMatch(why({ devices: [{ ...NIC, state_size: "4GiB" }] }), /--max-state is 4 GiB/);
  assertMatch(why({ ram: { size: "8TiB" } }), /--max-state is 4 GiB/);
  assertMatch(why({}, { ...CASE_LIMITS, max_state_bytes: MIB }), /--max-state is 1 MiB/);
  assertMatch(why({}, CASE_LIMITS, 10 * MIB), /10 MiB are free/);
  assertMatch(
    why({ params: { channel: "unix", max_time_ms: 660_000 } }),
    /max_time_ms is 660000, and --max-time is 600000 ms/,
  );
  for (
    const [key, value] of [
      ["resume_ms", 61_000],
      ["load_finish_ms", 1e12],
      ["resuming_enter_ms", 100_000],
      ["prealloc_ms_per_mib", 40_000],
      ["load_rate", "1KiB/s"],
    ] as const
  ) assertMatch(why({ devices: [{ ...NIC, [key]: value }] }), new RegExp(`nic0 .*${key}`));
  // These are moments, and not what something takes.
  assertEquals(why({ devices: [{ ...NIC, precopy_error_at_ms: 100_000 }] }), "");
});
