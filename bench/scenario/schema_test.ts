import { assertEquals } from "@std/assert";
import { type DeviceProfile, GENERIC_PROFILE } from "../../core/device/profile.ts";
import { PROFILE_NAMES } from "./device_spec.ts";
import { PARAM_DESCRIPTIONS, PARAM_NAMES } from "./params.ts";
import { PROFILE_FIELDS, ProfileSchema } from "./profile_fields.ts";
import { errorOfIssues } from "./scenario_error.ts";
import { ScenarioSchema } from "./schema.ts";

const NAMES = PROFILE_NAMES.join(", ");

const TINY = {
  name: "tiny",
  question: "Does anything move at all?",
  devices: [{ id: "nic0", profile: "generic" }],
};

function errorLine(changes: object): string {
  const data = { ...TINY, ...changes };
  const { error } = ScenarioSchema.safeParse(data);
  return error === undefined ? "fine" : errorOfIssues(error.issues, data, "tiny.jsonc").message;
}

Deno.test("a scenario that says nothing more has every default", () => {
  assertEquals(ScenarioSchema.parse(TINY), {
    name: "tiny",
    question: "Does anything move at all?",
    clock: "wall",
    trials: 5,
    warmup: 1,
    seed: 1,
    params: {
      buffer_size: 1_048_576,
      channel: "ring",
      channels: 1,
      ring_slots: 0,
      policy: "qemu-9.2",
      protocol: "v2",
      precopy: true,
      p2p: true,
      reinit: true,
      switchover_ack: false,
      switchover_ack_legacy: false,
      destination_policy: "same",
      destination_ack_legacy: "same",
      return_path: true,
      multifd: false,
      max_queued_bytes: 0,
      downtime_limit_ms: 300,
      downtime_limit_changes_at_ms: 0,
      later_downtime_limit_ms: 300,
      max_bandwidth: 0,
      avail_switchover_bandwidth: 0,
      pause_before_switchover_ms: 0,
      guest_paused_at_ms: 0,
      cancel_at_ms: 0,
      max_time_ms: 60_000,
      port: 0,
      devices: 1,
      measure: true,
    },
    matrix: {},
    variants: {},
    expect: [],
    shows: "downtime",
    devices: [
      {
        id: "nic0",
        kind: "simulated",
        profile: GENERIC_PROFILE,
        profile_name: "generic",
        given: {},
      },
    ],
    ram: { size: 0, dirty_rate: 0, dirty_span: 0, zero_fraction: 0, send_rate: 0 },
    link: { bandwidth: 0, latency_us: 0 },
    host: {
      setup_ms: 0,
      pass_us: 5,
      query_us: 50,
      stop_ms: 0,
      config_ms: 0,
      adapter_contention: 0,
      start_ms: 0,
      finish_ms: 0,
    },
    region: {
      region_size: 1_052_672,
      destination_region_size: 0,
      mapped: true,
      pending_report: "precopy",
      access_ms: 0,
      x_enable_migration: false,
    },
    faults: [],
  });
});

Deno.test("every parameter has a name and a description", () => {
  const { params } = ScenarioSchema.parse(TINY);
  assertEquals([...PARAM_NAMES].sort(), Object.keys(params).sort());
  assertEquals(Object.keys(PARAM_DESCRIPTIONS), [...PARAM_NAMES]);
  for (const [name, text] of Object.entries(PARAM_DESCRIPTIONS)) {
    assertEquals(/^[A-Z][^\n]+\.$/.test(text), true, name);
  }
});

Deno.test("the profile's keys are those of DeviceProfile, no more and no fewer", () => {
  assertEquals(Object.keys(PROFILE_FIELDS), Object.keys(GENERIC_PROFILE));
  const there: DeviceProfile = ProfileSchema.parse(GENERIC_PROFILE);
  assertEquals(there, GENERIC_PROFILE);
  // And back, for the compiler: a word that the type has and the schema has not would not pass.
  type Parsed = Readonly<ReturnType<typeof ProfileSchema.parse>>;
  type Words = Pick<DeviceProfile, "empty_read" | "stop_copy_report">;
  const words: Pick<Parsed, keyof Words> = GENERIC_PROFILE satisfies Words;
  assertEquals(words.empty_read, "ENOMSG");
});

Deno.test("a device's keys lie over its profile", () => {
  const { devices } = ScenarioSchema.parse({
    ...TINY,
    devices: [{
      id: "0000:00:05.0",
      profile: "generic",
      state_size: "8MiB",
      dirty_rate: "16MiB/s",
      suspend_p2p_ms: "2s",
      reinit_at_ms: [150, "400ms"],
    }],
  });
  assertEquals(devices, [{
    id: "0000:00:05.0",
    kind: "simulated",
    profile_name: "generic",
    profile: {
      ...GENERIC_PROFILE,
      state_size: 8_388_608,
      dirty_rate: 16_777_216,
      suspend_p2p_ms: 2000,
      reinit_at_ms: [150, 400],
    },
    given: {
      state_size: 8_388_608,
      dirty_rate: 16_777_216,
      suspend_p2p_ms: 2000,
      reinit_at_ms: [150, 400],
    },
  }]);
});

Deno.test("a matrix keeps the order of the file, with quantities as numbers", () => {
  const { matrix } = ScenarioSchema.parse({
    ...TINY,
    matrix: {
      "devices.nic0.dirty_rate": [0, "1GB/s"],
      channel: ["tcp", "ring"],
      buffer_size: ["64KiB", 4096],
      "ram.size": ["1GiB"],
    },
  });
  assertEquals(Object.entries(matrix), [
    ["devices.nic0.dirty_rate", [0, 1_000_000_000]],
    ["channel", ["tcp", "ring"]],
    ["buffer_size", [65_536, 4096]],
    ["ram.size", [1_073_741_824]],
  ]);
});

Deno.test("a wrong value is told by key, value, what is expected and an example", () => {
  const lines: [object, string][] = [
    [
      { params: { buffer_size: "1MiB/s" } },
      'Cannot use params.buffer_size in tiny.jsonc: received "1MiB/s", expected a size from 4KiB to 64MiB in steps of 4KiB, such as "1MiB"',
    ],
    [
      { params: { buffer_size: -4096 } },
      'Cannot use params.buffer_size in tiny.jsonc: received -4096, expected a size from 4KiB to 64MiB in steps of 4KiB, such as "1MiB"',
    ],
    [
      { params: { buffer_size: NaN } },
      'Cannot use params.buffer_size in tiny.jsonc: received NaN, expected a size from 4KiB to 64MiB in steps of 4KiB, such as "1MiB"',
    ],
    [
      { params: { max_bandwidth: "5ms" } },
      'Cannot use params.max_bandwidth in tiny.jsonc: received "5ms", expected a rate of 0 or more, such as "128MiB/s"',
    ],
    [
      { params: { downtime_limit_ms: 0 } },
      'Cannot use params.downtime_limit_ms in tiny.jsonc: received 0, expected a time in milliseconds above 0, at most 2000s, such as "150ms"',
    ],
    [
      { params: { ring_slots: 3 } },
      "Cannot use params.ring_slots in tiny.jsonc: received 3, expected 0 (automatic) or a power of two from 2 to 4096, such as 8",
    ],
    [
      { params: { policy: "qemu-10" } },
      'Cannot use params.policy in tiny.jsonc: received "qemu-10", expected qemu-8.1, qemu-9.2 or qemu-11.1',
    ],
    [
      { params: { precopy: "yes" } },
      'Cannot use params.precopy in tiny.jsonc: received "yes", expected true or false',
    ],
    [
      { params: [] },
      "Cannot use params in tiny.jsonc: received [], expected an object of parameters",
    ],
    [
      { trials: 0 },
      "Cannot use trials in tiny.jsonc: received 0, expected a whole number from 1 to 100000, such as 5",
    ],
    [
      { link: { latency_us: "5MiB" } },
      'Cannot use link.latency_us in tiny.jsonc: received "5MiB", expected a time in microseconds of 0 or more, such as "50us"',
    ],
    [
      { question: undefined },
      "Cannot use question in tiny.jsonc: received nothing, expected the question that the scenario answers, in one sentence",
    ],
    [
      { devices: [] },
      "Cannot use devices in tiny.jsonc: received [], expected a list of 1 to 64 devices",
    ],
  ];
  for (const [changes, line] of lines) assertEquals(errorLine(changes), line);
});

Deno.test("the limits of every parameter hold on both sides", () => {
  const limits: [string, unknown, unknown][] = [
    ["buffer_size", "4KiB", 4095],
    ["buffer_size", "64MiB", "64.1MiB"],
    ["buffer_size", 8192, 6144],
    ["channels", 1, 0],
    ["channels", 64, 65],
    ["ring_slots", 2, 1],
    ["ring_slots", 4096, 8192],
    ["downtime_limit_ms", 0.5, 0],
    ["downtime_limit_ms", 2_000_000, 2_000_001],
    ["max_time_ms", 1, 0],
    ["max_time_ms", 604_800_000, 604_800_001],
    ["port", 65_535, 65_536],
    ["devices", 1, 0],
    ["devices", 64, 65],
  ];
  for (const [name, fine, wrong] of limits) {
    assertEquals(errorLine({ params: { [name]: fine } }), "fine");
    assertEquals(errorLine({ params: { [name]: wrong } }) === "fine", false, `${name} ${wrong}`);
  }
});

Deno.test("an unknown key is told with its path and the nearest key, and goes before its consequences", () => {
  assertEquals(
    errorLine({ devices: [{ id: "nic0", profile: "generic", dirty_rat: 1 }] }),
    "Cannot use devices[0].dirty_rat in tiny.jsonc: no such key, did you mean devices[0].dirty_rate?",
  );
  assertEquals(
    errorLine({ name: undefined, nam: "tiny" }),
    "Cannot use nam in tiny.jsonc: no such key, did you mean name?",
  );
  assertEquals(
    errorLine({ params: { bufer_size: 1 } }),
    "Cannot use params.bufer_size in tiny.jsonc: no such key, did you mean params.buffer_size?",
  );
  assertEquals(
    errorLine({ matrix: { bufer_size: [1] } }),
    "Cannot use matrix.bufer_size in tiny.jsonc: no such key, did you mean matrix.buffer_size?",
  );
  assertEquals(
    errorLine({ matrix: { "devices.nic1.dirty_rate": [1] } }),
    "Cannot use matrix.devices.nic1.dirty_rate in tiny.jsonc: no such key, did you mean matrix.devices.nic0.dirty_rate?",
  );
});

Deno.test("a key that every object has is no key of a scenario", () => {
  for (const key of ["constructor", "toString", "hasOwnProperty"]) {
    assertEquals(errorLine({ [key]: 1 }).includes("no such key"), true, key);
    assertEquals(errorLine({ matrix: { [key]: [1] } }).includes("no such key"), true, key);
    const device = { [`devices.nic0.${key}`]: [1] };
    assertEquals(errorLine({ matrix: device }).includes("no such key"), true, key);
  }
});

Deno.test("a device is either simulated or replayed", () => {
  assertEquals(
    errorLine({ devices: [{ id: "nic0" }] }),
    `Cannot use devices[0].profile in tiny.jsonc: received nothing, expected the name of a profile (${NAMES}), the path of a profile file (.json) or a capture`,
  );
  assertEquals(
    errorLine({ devices: [{ id: "nic0", profile: "genric" }] }),
    `Cannot use devices[0].profile in tiny.jsonc: received "genric", expected the name of a profile (${NAMES}) or the path of a profile file (.json)`,
  );
  assertEquals(
    errorLine({ devices: [{ id: "nic0", capture: "a.jsonl", state_size: 1 }] }),
    "Cannot use devices[0].state_size in tiny.jsonc: received 1, expected no such key beside capture: a replayed device has no profile",
  );
  assertEquals(
    errorLine({ devices: [{ id: "nic0", capture: "a.bin" }] }),
    "Cannot use devices[0].capture in tiny.jsonc: received \"a.bin\", expected the path of a capture's .jsonl, from the scenario file's folder",
  );
});

Deno.test("two devices have two ids, and an id has no * or space", () => {
  const [device] = TINY.devices;
  assertEquals(
    errorLine({ devices: [device, device] }),
    'Cannot use devices[1].id in tiny.jsonc: received "nic0", expected an id of its own: another device has it',
  );
  assertEquals(
    errorLine({ devices: [{ id: "*", profile: "generic" }] }),
    'Cannot use devices[0].id in tiny.jsonc: received "*", expected an id, such as nic0: letters, digits and . _ : - only',
  );
});

Deno.test("a matrix has values that differ, one for each key, each thing once", () => {
  assertEquals(
    errorLine({ matrix: { buffer_size: ["4KiB", 4096] } }),
    "Cannot use matrix.buffer_size[1] in tiny.jsonc: received 4096, expected each value once: 4KiB is there already",
  );
  assertEquals(
    errorLine({ matrix: { buffer_size: [] } }),
    "Cannot use matrix.buffer_size in tiny.jsonc: received [], expected at least one value",
  );
  assertEquals(
    errorLine({ matrix: { buffer_size: 4096 } }),
    "Cannot use matrix.buffer_size in tiny.jsonc: received 4096, expected a list of values, such as [1, 2]",
  );
  assertEquals(
    errorLine({ matrix: { buffer_size: ["4KiB", "1MiB/s"] } }),
    'Cannot use matrix.buffer_size[1] in tiny.jsonc: received "1MiB/s", expected a size from 4KiB to 64MiB in steps of 4KiB, such as "1MiB"',
  );
  assertEquals(
    errorLine({ matrix: { "devices.*.reinit_at_ms": [[1], [2]] } }),
    "Cannot use matrix.devices.*.reinit_at_ms in tiny.jsonc: received [[1],[2]], expected a key that has one value: a list cannot vary",
  );
  assertEquals(
    errorLine({ matrix: { "devices.nic0.precopy": [true], "devices.*.precopy": [false] } }),
    "Cannot use matrix.devices.*.precopy in tiny.jsonc: received [false], expected each thing to vary once: devices.nic0.precopy varies it too",
  );
});

Deno.test("a long value is cut and a line break does not break the line", () => {
  const line = errorLine({ clock: `a\nb${"c".repeat(100)}` });
  assertEquals(
    line,
    `Cannot use clock in tiny.jsonc: received "a\\nb${"c".repeat(52)}..., expected wall or virtual`,
  );
});
