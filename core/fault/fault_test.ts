import { assertEquals } from "@std/assert";
import {
  channelNumber,
  type Fault,
  FAULT_CALLS,
  faultText,
  isChannelFault,
  isDeviceFault,
  isHostFault,
  isLieFault,
  isOfDevice,
  isReservedName,
  isUserFault,
  isWorkerFault,
  SIDES_OF_CALL,
} from "./fault.ts";

/** One fault of each kind, and how it is said. */
const KINDS: readonly (readonly [Fault, string])[] = [
  [
    { on: "nic0", side: "source", call: "read", nth: 5, times: 1, give: "EIO" },
    "read of nic0 at the source gives EIO",
  ],
  [
    {
      on: "nic0",
      side: "source",
      call: "setState",
      state: "STOP_COPY",
      nth: 1,
      times: "ever",
      give: "EIO",
    },
    "setState STOP_COPY of nic0 at the source gives EIO",
  ],
  [
    { on: "nic0", side: "source", call: "read", byte: 0, times: 1, give: "short", bytes: 512 },
    "read of nic0 at the source moves 512 bytes at most",
  ],
  [
    { on: "nic0", side: "destination", call: "write", nth: 1, times: 1, give: "slow", delay_ms: 5 },
    "write of nic0 at the destination takes 5 ms longer",
  ],
  [
    { on: "nic0", side: "source", give: "lie", lie: "size-zero" },
    "nic0 at the source lies: size-zero",
  ],
  [
    { on: "nic0", side: "source", give: "lie", lie: "state-unchanged", state: "STOP" },
    "nic0 at the source lies: state-unchanged (STOP)",
  ],
  [{ on: "channel", give: "drop", byte: 7 }, "drop on channel at byte 7"],
  [{ on: "channel2", give: "stall", byte: 0, stall_ms: 1 }, "stall on channel2 at byte 0"],
  [
    { on: "worker", side: "destination", give: "die", at: "precopy" },
    "the destination's Worker dies in precopy",
  ],
  [{ on: "host", side: "destination", give: "refuse" }, "the destination's host gives refuse"],
  [{ on: "user", give: "cancel", at: "switchover", nth: 1 }, "the user cancels in switchover"],
];

Deno.test("a fault says in words what it is", () => {
  for (const [fault, text] of KINDS) assertEquals(faultText(fault), text);
});

Deno.test("every fault is of exactly one kind", () => {
  const kinds = [
    isDeviceFault,
    isLieFault,
    isChannelFault,
    isWorkerFault,
    isHostFault,
    isUserFault,
  ];
  for (const [fault, text] of KINDS) {
    assertEquals(kinds.filter((is) => is(fault)).length, 1, text);
    assertEquals(isOfDevice(fault), isDeviceFault(fault) || isLieFault(fault), text);
  }
});

Deno.test("channels are numbered: 0 is the main one, those of multifd count from 1", () => {
  const numbers = ["channel", "channel1", "channel12", "channel0", "channel01", "channels", "nic0"]
    .map(channelNumber);
  assertEquals(numbers, [0, 1, 12, null, null, null, null]);
});

Deno.test("a device may be called anything that is not something else", () => {
  const names = ["channel", "channel3", "worker", "host", "user", "nic0", "worker0", "channel-a"];
  assertEquals(names.map(isReservedName), [true, true, true, true, true, false, false, false]);
});

Deno.test("every call is made by somebody", () => {
  assertEquals(Object.keys(SIDES_OF_CALL).sort(), [...FAULT_CALLS].sort());
});
