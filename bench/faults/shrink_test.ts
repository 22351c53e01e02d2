import { assertEquals } from "@std/assert";
import { shrink } from "./shrink.ts";

const FILE = {
  params: { channel: "unix", max_time_ms: 5 },
  devices: [{ id: "nic0", dirty_rate: 1 }, { id: "nic1" }],
  ram: { size: 4096 },
  faults: [{ on: "channel", give: "drop" }, { on: "user", give: "cancel", nth: 3 }],
};

Deno.test("what a failure does not need goes, and what it needs stays", async () => {
  const small = await shrink(FILE, (file) => {
    const text = JSON.stringify(file);
    return Promise.resolve(text.includes('"cancel"') && text.includes('"nic0"'));
  });
  assertEquals(small, {
    params: {},
    devices: [{ id: "nic0" }],
    faults: [{ give: "cancel" }],
  });
});

Deno.test("a failure that needs everything stays as it is, and no more is tried than allowed", async () => {
  const whole = JSON.stringify(FILE);
  assertEquals(await shrink(FILE, (file) => Promise.resolve(JSON.stringify(file) === whole)), FILE);
  let tries = 0;
  await shrink(FILE, () => Promise.resolve(++tries > 0), 4);
  assertEquals(tries <= 4, true);
});
