import { assertEquals } from "@std/assert";
import { DEVICE_STATES, deviceStateName } from "./device_state.ts";
import {
  MIGRATION,
  migrationFlagNames,
  supportedStates,
  supportsState,
} from "./migration_flags.ts";

const { STOP_COPY, P2P, PRE_COPY } = MIGRATION;
const ALWAYS = ["ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING"];

Deno.test("each optional feature adds its state, and both together PRE_COPY_P2P", () => {
  const names = (flags: number) => supportedStates(flags).map(deviceStateName);
  assertEquals(names(STOP_COPY), ALWAYS);
  assertEquals(names(STOP_COPY | P2P), [...ALWAYS, "RUNNING_P2P"]);
  assertEquals(names(STOP_COPY | PRE_COPY), [...ALWAYS, "PRE_COPY"]);
  assertEquals(
    names(STOP_COPY | P2P | PRE_COPY),
    [...ALWAYS, "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P"],
  );
});

Deno.test("without STOP_COPY no state is supported", () => {
  for (const flags of [0, P2P, PRE_COPY, P2P | PRE_COPY]) assertEquals(supportedStates(flags), []);
});

Deno.test("flags that this project does not know change nothing", () => {
  for (const state of DEVICE_STATES) {
    for (let flags = 0; flags < 8; flags++) {
      assertEquals(supportsState(flags | 0x7ffffff8, state), supportsState(flags, state));
    }
  }
});

Deno.test("migrationFlagNames() prints the known flags by name and the rest as a number", () => {
  assertEquals(migrationFlagNames(0), "");
  assertEquals(migrationFlagNames(STOP_COPY | P2P | PRE_COPY), "STOP_COPY P2P PRE_COPY");
  assertEquals(migrationFlagNames(STOP_COPY | PRE_COPY), "STOP_COPY PRE_COPY");
  assertEquals(migrationFlagNames(P2P | 0x80000008), "P2P 0x80000008");
});
