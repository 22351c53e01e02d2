import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  closeMultifdSockets,
  type MultifdSockets,
  openMultifdSockets,
  shutdownMultifd,
} from "../../channel/multifd_sockets.ts";
import { ERRNO, regionOf, write } from "../../libc/mod.ts";
import { popRecord, slotsInUse, slotStart } from "../../memory/mod.ts";
import {
  createDeviceStateHead,
  encodeChannelInit,
  encodeDeviceStateHead,
} from "../../wire/multifd/mod.ts";
import { loadCanceller, loadsCancelled } from "../multifd/mod.ts";
import { createLoadShared, haveChannels, type LoadShared } from "./load_shared.ts";
import { runRecv } from "./run_recv.ts";

const SIZES = [{ stateBytes: 1000, leastRead: 100, mostRead: 100 }];
const HEAD = createDeviceStateHead("nic0/vfio", 0);
const UUID = new Uint8Array(16);

/** Writes to a channel's source end what `encode` puts into a view. */
function send(
  sockets: MultifdSockets,
  channel: number,
  encode: (view: DataView) => number,
): void {
  const region = regionOf(new ArrayBuffer(1024));
  const length = encode(region.view);
  assertEquals(write(sockets.source.fds[channel] ?? -1, region.pointer, length), length);
}

/** A channel that says so many bytes of what it sends, and ends; what its thread gave. */
function receive(
  sends: (sockets: MultifdSockets) => void,
  test: (shared: LoadShared, receiveAt: (place: number) => string | null) => void,
  maxQueuedBytes = 0,
): void {
  const sockets = openMultifdSockets("unix", 2);
  try {
    const shared = createLoadShared(["nic0"], SIZES, sockets.destination, maxQueuedBytes);
    sends(sockets);
    shutdownMultifd(sockets.source);
    test(shared, (place) => runRecv(shared, place).failure?.message ?? null);
  } finally {
    closeMultifdSockets(sockets);
  }
}

function sendInit(sockets: MultifdSockets, channel: number, id: number, uuid = UUID): void {
  send(sockets, channel, (view) => encodeChannelInit(view, 0, uuid, id));
}

function sendBuffer(sockets: MultifdSockets, idx: number, length: number, head = HEAD): void {
  send(sockets, 0, (view) => {
    const at = encodeDeviceStateHead(view, 0, head, idx, false, length);
    view.setUint8(at, idx + 1);
    return at + length;
  });
}

Deno.test("a buffer's data is in a slot of the pool, and its device has the record", () => {
  receive((sockets) => {
    sendInit(sockets, 0, 1);
    sendBuffer(sockets, 0, 100);
    sendBuffer(sockets, 1, 0);
    sendBuffer(sockets, 2, 1);
  }, (shared, receiveAt) => {
    assertEquals(receiveAt(0), null);
    const [queue] = shared.queues;
    const record = { a: 0, b: 0, c: 0, d: 0 };
    const records = [];
    while (queue !== undefined && popRecord(queue, record)) records.push({ ...record });
    assertEquals(records, [{ a: 0, b: 0, c: 0, d: 100 }, { a: -1, b: 1, c: 0, d: 0 }, {
      a: 1,
      b: 2,
      c: 0,
      d: 1,
    }]);
    const bytes = new Uint8Array(shared.pool.buffer);
    assertEquals([0, 1].map((slot) => bytes[slotStart(shared.pool, slot)]), [1, 3]);
    assertEquals(slotsInUse(shared.pool), 2);
    assertEquals(haveChannels(shared), true);
  });
});

Deno.test("a second channel with the same id is refused", () => {
  receive((sockets) => {
    sendInit(sockets, 0, 1);
    sendInit(sockets, 1, 1);
  }, (shared, receiveAt) => {
    assertEquals(receiveAt(0), null);
    assertStringIncludes(receiveAt(1) ?? "", "a second channel has the id 1");
    assertEquals(loadsCancelled(shared.gate), -ERRNO.EEXIST);
    assertEquals(haveChannels(shared), false);
  });
});

const REFUSED: [string, (sockets: MultifdSockets) => void, string][] = [
  ["another VM", (s) => sendInit(s, 0, 0, new Uint8Array(16).fill(7)), "uuid"],
  ["an id that there is no channel for", (s) => sendInit(s, 0, 2), "less than 2"],
  ["a packet where the init packet should be", (s) => sendBuffer(s, 0, 1), "uuid"],
  ["a device that is not here", (s) => {
    sendInit(s, 0, 0);
    sendBuffer(s, 0, 1, createDeviceStateHead("nic1/vfio", 0));
  }, "a device here"],
  ["another instance of a device", (s) => {
    sendInit(s, 0, 0);
    sendBuffer(s, 0, 1, createDeviceStateHead("nic0/vfio", 1));
  }, "a device here"],
  ["a buffer larger than a slot", (s) => {
    sendInit(s, 0, 0);
    sendBuffer(s, 0, 101);
  }, "at most 112"],
  ["a channel that ends within a head", (s) => {
    sendInit(s, 0, 0);
    send(s, 0, (view) => encodeDeviceStateHead(view, 0, HEAD, 0, false, 10) - 1);
  }, "ECONNRESET"],
  ["a channel that ends within a buffer", (s) => {
    sendInit(s, 0, 0);
    send(s, 0, (view) => encodeDeviceStateHead(view, 0, HEAD, 0, false, 10) + 9);
  }, "ECONNRESET"],
  ["a channel that ends before it says who it is", () => {}, "ECONNRESET"],
];
for (const [what, sends, message] of REFUSED) {
  Deno.test(`${what} cancels all loads`, () => {
    receive(sends, (shared, receiveAt) => {
      assertStringIncludes(receiveAt(0) ?? "", message);
      assertEquals(loadsCancelled(shared.gate) < 0, true);
      assertEquals(loadCanceller(shared.gate), -1);
    });
  });
}

Deno.test("queued 60 + 60 with cap 100 cancels all loads on the second, and blames the device", () => {
  receive((sockets) => {
    sendInit(sockets, 0, 0);
    sendBuffer(sockets, 0, 60);
    sendBuffer(sockets, 1, 60);
  }, (shared, receiveAt) => {
    assertStringIncludes(
      receiveAt(0) ?? "",
      "of nic0 from multifd socket 0: queuing state buffer 1 would exceed the size max 100",
    );
    assertEquals(loadsCancelled(shared.gate), -ERRNO.ENOBUFS);
    assertEquals(loadCanceller(shared.gate), 0);
  }, 100);
});

Deno.test("a channel that fails after another one did is not the reason", () => {
  receive((sockets) => {
    sendInit(sockets, 0, 5);
    sendInit(sockets, 1, 6);
  }, (_shared, receiveAt) => {
    assertStringIncludes(receiveAt(0) ?? "", "5");
    assertEquals(receiveAt(1), null);
  });
});
