import { assert, assertEquals } from "@std/assert";
import {
  closeChannel,
  createReceiver,
  createSender,
  MESSAGE,
  type Message,
  openChannel,
} from "../../channel/mod.ts";
import { compareImages } from "../../device/mod.ts";
import { createRegionLoad, loadCleanup, loadData, loadSetup } from "./load.ts";
import { startRegionDevice, stopRegionDevice } from "./run_state.ts";
import {
  createRegionSave,
  REGION_SAVE_DEFAULTS,
  type RegionOutput,
  saveCleanup,
  saveComplete,
  saveIterate,
  savePending,
  saveSetup,
} from "./save.ts";
import { partsOf } from "./testdata/parts.ts";

const KIB = 1024;

Deno.test("a device goes through a channel whose buffers are smaller than its own", () => {
  const path = Deno.makeTempFileSync();
  const channel = openChannel({ kind: "file", bufferSize: 16 * KIB, ringSlots: 0, port: 0, path });
  const profile = { state_size: 1000 * KIB, chunk_size: 4 * KIB, dirty_rate: 1e6 };
  const source = partsOf({ profile, staging: 50 * KIB, seed: 11 });
  const destination = partsOf({ profile, staging: 12 * KIB, seed: null });
  const sender = createSender(channel.source);
  const receiver = createReceiver(channel.destination);
  try {
    const output: RegionOutput = {
      capacity: sender.capacity,
      claim: () => sender.claim(),
      send: (kind, length) => sender.send(kind, 1, length),
    };
    const save = createRegionSave(source.device, REGION_SAVE_DEFAULTS);
    assertEquals(saveSetup(save, output), 0);
    for (let pass = 0; pass < 30; pass++) {
      assertEquals(savePending(save), 0);
      assert(saveIterate(save, output) >= 0);
      source.clock.sleepNs(1e6);
    }
    assertEquals(stopRegionDevice(save), 0);
    assertEquals(saveComplete(save, output), 0);
    assertEquals(saveCleanup(save), 0);
    sender.send(MESSAGE.EOF, 0, 0);
    sender.finish();

    const load = createRegionLoad(destination.device);
    assertEquals(loadSetup(load), 0);
    const message: Message = { kind: 0, device: 0, region: null, offset: 0, length: 0 };
    const kinds = new Set<number>();
    while (receiver.receive(message) === 1 && message.kind !== MESSAGE.EOF) {
      kinds.add(message.kind);
      if (message.kind === MESSAGE.DATA) {
        assertEquals(loadData(load, message.region, message.offset, message.length), 0);
      }
      receiver.release();
    }
    assertEquals(startRegionDevice(load), 0);
    loadCleanup(load);
    const { SETUP, DATA, CONFIG, END_OF_STATE } = MESSAGE;
    assertEquals(kinds, new Set([SETUP, END_OF_STATE, DATA, CONFIG]));
    assertEquals(load.transferredBytes, save.transferredBytes);
    const [a, b] = [source.inner.image(), destination.inner.image()];
    assert(a !== null && b !== null);
    assertEquals(compareImages(a, b), -1);
  } finally {
    sender.close();
    receiver.close();
    source.inner.close();
    destination.inner.close();
    closeChannel(channel);
    Deno.removeSync(path);
  }
});
