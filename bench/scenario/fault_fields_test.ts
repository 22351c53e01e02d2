import { assertEquals, assertMatch } from "@std/assert";
import { FaultsSchema } from "./fault_fields.ts";
import { errorOfIssues } from "./scenario_error.ts";
import { ScenarioSchema } from "./schema.ts";

const READ = { on: "nic0", side: "source", call: "read", give: "EIO" };

/** The only fault of a list of one, or what is wrong with it. */
function read(fault: unknown): unknown {
  const result = FaultsSchema.safeParse([fault]);
  if (result.success) return result.data[0];
  return result.error.issues[0]?.message;
}

function scenario(more: object) {
  return {
    name: "t",
    question: "?",
    devices: [{ id: "nic0", profile: "generic" }],
    ...more,
  };
}

/** The one line that a user is told. */
function told(more: object): string {
  const file = scenario(more);
  const result = ScenarioSchema.safeParse(file);
  return result.success ? "" : errorOfIssues(result.error.issues, file, "t.jsonc").message;
}

Deno.test("what a file leaves out is filled in", () => {
  assertEquals(read(READ), { ...READ, nth: 1, times: 1 });
  assertEquals(read({ ...READ, nth: 5, times: "ever" }), { ...READ, nth: 5, times: "ever" });
  assertEquals(read({ ...READ, byte: "2MiB", times: 3 }), { ...READ, byte: 2 ** 21, times: 3 });
  assertEquals(read({ ...READ, chance: 0.01 }), { ...READ, chance: 0.01, times: "ever" });
  assertEquals(read({ ...READ, chance: 0.5, seed: 3, times: 2 }), {
    ...READ,
    chance: 0.5,
    seed: 3,
    times: 2,
  });
  assertEquals(read({ on: "nic0", give: "lie", lie: "size-zero" }), {
    on: "nic0",
    side: "source",
    give: "lie",
    lie: "size-zero",
  });
  assertEquals(read({ on: "channel", give: "drop" }), { on: "channel", give: "drop", byte: 0 });
  assertEquals(read({ on: "host", give: "refuse" }), {
    on: "host",
    side: "destination",
    give: "refuse",
  });
  assertEquals(read({ on: "user", give: "cancel", at: "precopy" }), {
    on: "user",
    give: "cancel",
    at: "precopy",
    nth: 1,
  });
});

Deno.test("a plan that was written down and read again is the same plan", () => {
  const files = [
    { ...READ, give: "short", bytes: "512B", byte: "2MiB" },
    { ...READ, give: "slow", delay_ms: "5ms", nth: 2 },
    { ...READ, call: "setState", state: "STOP_COPY" },
    { ...READ, chance: 0.25 },
    { on: "nic0", side: "destination", give: "lie", lie: "state-unchanged", state: "RUNNING" },
    { on: "channel2", byte: "64KiB", give: "stall", stall_ms: 500 },
    { on: "channel", give: "stall", stall_ms: "ever" },
    { on: "worker", side: "destination", give: "die", at: "precopy" },
    { on: "host", side: "source", give: "ENOMEM" },
    { on: "user", give: "cancel", at: "switchover", nth: 2 },
  ];
  const once = FaultsSchema.parse(files);
  assertEquals(FaultsSchema.parse(JSON.parse(JSON.stringify(once))), once);
});

Deno.test("a word that is none names the nearest", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ...READ, call: "getDatasize" }, /did you mean getDataSize\?/],
    [{ ...READ, give: "EI0" }, /did you mean EIO\?/],
    [{ on: "nic0", give: "lie", lie: "size-zeros" }, /did you mean size-zero\?/],
    [{ ...READ, call: "setState", state: "STOPCOPY" }, /did you mean STOP_COPY\?/],
    [{ on: "worker", side: "source", give: "die", at: "precop" }, /did you mean precopy\?/],
  ];
  for (const [fault, message] of wrong) assertMatch(String(read(fault)), message);
});

Deno.test("what no fault can be is refused, and says what can", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ on: "nic0", side: "source", give: "EIO" }, /expected the call that fails/],
    [{ on: "nic0", call: "read", give: "EIO" }, /expected source: who makes that call/],
    [{ ...READ, side: "destination" }, /expected source: who makes that call/],
    [{ ...READ, call: "write" }, /expected destination: who makes that call/],
    [{ ...READ, nth: 1, byte: 0 }, /expected one moment: nth says one already/],
    [{ ...READ, byte: 0, chance: 1 }, /expected one moment/],
    [{ ...READ, seed: 1 }, /expected no such key without chance/],
    [{ ...READ, call: "getDataSize", byte: 0 }, /expected nth instead: getDataSize moves no bytes/],
    [{ ...READ, call: "getDataSize", give: "short", bytes: 1 }, /getDataSize moves no bytes/],
    [{ ...READ, call: "getDataSize", give: "ENOMSG" }, /only read gives ENOMSG/],
    [{ ...READ, give: "short" }, /expected how many bytes it moves/],
    [{ ...READ, give: "short", bytes: 0 }, /expected a size of 1B or more/],
    [{ ...READ, give: "slow" }, /expected how much longer it takes/],
    [{ ...READ, give: "drop" }, /expected what a device can give/],
    [{ ...READ, state: "STOP" }, /expected no such key/],
    [{ ...READ, delay_ms: 1 }, /expected no such key/],
    [{ on: "nic0", give: "lie" }, /expected a lie: size-constant/],
    [{ on: "nic0", side: "destination", give: "lie", lie: "size-zero" }, /who hears that lie/],
    [{ on: "nic0", give: "lie", lie: "size-zero", state: "STOP" }, /expected no such key/],
    [{ on: "channel", give: "EIO" }, /expected what a channel can give: drop/],
    [{ on: "channel", give: "stall" }, /expected for how long/],
    [{ on: "channel", give: "drop", stall_ms: 1 }, /expected no such key/],
    [{ on: "channel0", give: "drop" }, /expected channel, or channel1/],
    [{ on: "worker", side: "source", give: "die" }, /expected where: setup/],
    [{ on: "worker", give: "die", at: "setup" }, /expected source or destination/],
    [{ on: "user", give: "refuse", at: "setup" }, /expected what the user can give: cancel/],
    [{ on: "host", give: "die" }, /expected what a host can give: refuse/],
  ];
  for (const [fault, message] of wrong) {
    assertMatch(String(read(fault)), message, JSON.stringify(fault));
  }
});

Deno.test("a scenario's error names the place, in the file and in its variants", () => {
  assertMatch(
    told({ faults: [READ, { ...READ, lie: "size-zero" }] }),
    /^Cannot use faults\[1\]\.lie in t\.jsonc: received "size-zero", expected no such key/,
  );
  assertMatch(told({ faults: [{ ...READ, nht: 5 }] }), /faults\[0\]\.nht.*did you mean.*nth\?/);
  assertMatch(
    told({ variants: { eio: { faults: [{ ...READ, call: "reed" }] } } }),
    /^Cannot use variants\.eio\.faults\[0\]\.call in t\.jsonc: received "reed".*did you mean read\?$/,
  );
  assertMatch(
    told({ variants: { eio: { faults: [{ ...READ, nht: 5 }] } } }),
    /variants\.eio\.faults\[0\].*expected no key nht, did you mean nth\?$/,
  );
  assertMatch(told({ faults: READ }), /expected a list of faults/);
  assertMatch(told({ matrix: { faults: [[READ]] } }), /a list cannot vary/);
});
