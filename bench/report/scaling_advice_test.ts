import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { caseOf, runOf, trialOf } from "../compare/testdata/synthetic.ts";
import { resultDocument } from "./mod.ts";
import { type ScalingAdvice, scalingText } from "./scaling_advice.ts";

const GIB = 2 ** 30;

interface Measured {
  readonly rate: number;
  readonly busy?: number;
  readonly ns_per_byte?: number;
}

/** A run of N devices over N channels. */
function adviceFor(
  measured: Readonly<Record<number, Measured>>,
  { clock = "wall", settings = {}, params = {}, load = 0 }: {
    readonly clock?: "wall" | "virtual";
    readonly settings?: Readonly<Record<string, number>>;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly load?: number;
  } = {},
): readonly ScalingAdvice[] {
  const cases = Object.keys(measured).map((n, index) => ({
    ...caseOf(index, { variant: `n${n}` }),
    clock,
    settings,
    params: { multifd: true, devices: Number(n), channels: Number(n), ...params },
  }));
  const trials = cases.flatMap((one) => {
    const { rate, busy, ns_per_byte = 1 } = measured[Number(one.params.devices)] ?? { rate: 0 };
    const bytes = Number(one.params.devices) * GIB;
    return [0, 1, 2].map((trial) =>
      trialOf(one, trial, {
        throughput_stopcopy_bytes_per_s: rate,
        bytes_stopcopy: bytes,
        ...(busy === undefined
          ? {}
          : { processors_busy: busy, processor_time_ms: bytes * ns_per_byte / 1e6 }),
      })
    );
  });
  const { meta } = runOf(cases, trials);
  const environment = { comparable: { cpu_count: 2 }, context: { load_average_1m: load } };
  return resultDocument({ ...meta, environment }, trials).scaling_advice;
}

function only(advices: readonly ScalingAdvice[]): ScalingAdvice {
  const [advice, ...others] = advices;
  assert(advice !== undefined && others.length === 0);
  return advice;
}

Deno.test("it stops growing at the fewest of which no more are 5 % faster", () => {
  const advice = only(adviceFor({
    1: { rate: 2 * GIB, busy: 1.4 },
    2: { rate: 2.9 * GIB, busy: 1.98 },
    4: { rate: 3 * GIB, busy: 1.99 },
    8: { rate: 2.5 * GIB, busy: 1.99, ns_per_byte: 1.1 },
  }));
  assertEquals([advice.grows_to, advice.limit, advice.processors], [2, "processors", 2]);
  assertEquals(advice.points.map(({ n }) => n), [1, 2, 4, 8]);
  const text = scalingText(advice);
  assertStringIncludes(text, "It stops growing at 2 (2.9 GiB/s, 1.45 times what 1 gives)");
  assertStringIncludes(text, "the processors, 1.99 of 2 processors are busy");
  assertStringIncludes(text, "as much processor time with 8 as with 1 (1.10 times)");
});

Deno.test("a byte that takes more processor time with more of them waits for what they share", () => {
  const advice = only(adviceFor({
    1: { rate: 2 * GIB, busy: 1.9 },
    8: { rate: 2 * GIB, busy: 2, ns_per_byte: 1.6 },
  }));
  assertEquals([advice.grows_to, advice.limit], [1, "memory"]);
  assertStringIncludes(scalingText(advice), "with 8 a byte takes 1.60 times the processor time");
});

Deno.test("idle processors are not what one waits for", () => {
  const advice = only(adviceFor({ 1: { rate: GIB, busy: 0.5 }, 2: { rate: GIB, busy: 0.6 } }));
  assertEquals(advice.limit, "waiting");
  assertStringIncludes(scalingText(advice), "0.600 of 2 processors are busy");
});

Deno.test("processors that others have are not idle", () => {
  const advice = only(
    adviceFor({ 1: { rate: GIB, busy: 0.5 }, 2: { rate: GIB, busy: 0.6 } }, { load: 30 }),
  );
  assertEquals(advice.limit, "others");
  assertStringIncludes(scalingText(advice), "with a load of 30.0 before the first trial");
});

Deno.test("what still grows has no limit yet, and a run of before has none that is known", () => {
  const growing = only(adviceFor({ 1: { rate: GIB, busy: 1 }, 2: { rate: 2 * GIB, busy: 2 } }));
  assertEquals([growing.grows_to, growing.limit], [2, "nothing"]);
  assertStringIncludes(
    scalingText(growing),
    "It still grows at 2 (2 GiB/s, 2.00 times what 1 gives)",
  );
  assertEquals(only(adviceFor({ 1: { rate: GIB }, 2: { rate: GIB } })).limit, "unknown");
});

Deno.test("on the virtual clock it is the link, the adapter or the devices", () => {
  const rates = { 1: { rate: 6e9 }, 2: { rate: 12e9 }, 4: { rate: 12.4e9 } };
  const limitOf = (settings: Readonly<Record<string, number>>) => {
    const advice = only(adviceFor(rates, { clock: "virtual", settings }));
    assertEquals([advice.grows_to, advice.processors], [2, null]);
    return advice.limit;
  };
  assertEquals(limitOf({ "link.bandwidth": 12.5e9 }), "link");
  assertEquals(limitOf({ "link.bandwidth": 50e9, "host.adapter_contention": 0.2 }), "adapter");
  assertEquals(limitOf({ "link.bandwidth": 0 }), "devices");
});

Deno.test("only devices over as many channels of their own are asked about", () => {
  const measured = { 1: { rate: GIB }, 2: { rate: GIB } };
  assertEquals(adviceFor(measured, { params: { multifd: false } }), []);
  assertEquals(adviceFor(measured, { params: { channels: 6 } }), []);
  assertEquals(adviceFor({ 1: { rate: GIB } }), []);
});
