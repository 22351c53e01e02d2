import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "../../libc/mod.ts";
import {
  createDeviceStateHead,
  createMultifdDecoder,
  decodeMultifd,
  encodeChannelInit,
  encodeDeviceStateHead,
  MULTIFD_EVENT,
  type MultifdDecoder,
} from "../../wire/multifd/mod.ts";
import { createLoadGate, loadsCancelled, loadsRunning, startSwitchover } from "./load_gate.ts";
import { createDeviceLoad, LOAD_STEP, nextLoadStep, receiveBuffer } from "./load_steps.ts";
import { createDeviceSave, nextSaveStep, SAVE_STEP } from "./save_steps.ts";
import { createSendJobs, finishJob, savesRunning, takeChannel } from "./send_jobs.ts";

const CONFIG = Uint8Array.of(0xc0, 0xff, 0xee);
const HEADS = [0, 1, 2].map((device) => createDeviceStateHead(`0000:00:0${device}.0/vfio`, 0));

interface Plan {
  readonly devices: number[];
  readonly bufferSize: number;
  readonly channels: number;
  readonly maxQueuedBytes: number;
  readonly startAt: number;
  readonly choices: number[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  devices: fc.array(fc.nat(400), { minLength: 1, maxLength: 3 }),
  bufferSize: fc.integer({ min: 1, max: 64 }),
  channels: fc.integer({ min: 1, max: 5 }),
  maxQueuedBytes: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 500 })),
  startAt: fc.nat(300),
  choices: fc.array(fc.nat(2 ** 30), { minLength: 10, maxLength: 200 }),
});

/** A channel with what is on its way, and what its decoder is in the midst of. */
interface Wire {
  bytes: number[];
  readonly decoder: MultifdDecoder;
  data: number[];
}

interface Outcome {
  readonly saved: number[][];
  readonly loaded: number[][];
  readonly configs: number[][];
  readonly peaks: number[];
  readonly cancelled: number;
}

/** Plays a whole transfer; whoever is next to do something, and how much, is up to the choices. */
function play(plan: Plan): Outcome {
  let turn = 0;
  const choose = (limit: number) => (plan.choices[turn++ % plan.choices.length] ?? 0) % limit;
  const count = plan.devices.length;
  const saved = plan.devices.map((length, device) =>
    Array.from({ length }, (_, i) => (device * 101 + i * 7) & 0xff)
  );
  const jobs = createSendJobs(plan.channels, count);
  const saves = plan.devices.map((_, device) => createDeviceSave(device));
  const read = plan.devices.map(() => 0);
  const devices = HEADS.map((head) => ({ head, transferEnabled: true }));
  const wires: Wire[] = Array.from({ length: plan.channels }, (_, id) => {
    const init = new Uint8Array(64);
    encodeChannelInit(new DataView(init.buffer), 0, null, id);
    const options = { devices, channelCount: plan.channels, maxDataBytes: 64 };
    return { bytes: [...init], decoder: createMultifdDecoder(options), data: [] };
  });
  const gate = createLoadGate(plan.devices.map(() => true), false);
  const loads = plan.devices.map((_, device) => createDeviceLoad(device, plan));
  const queued: number[][] = [];
  const loaded: number[][] = plan.devices.map(() => []);
  const configs: number[][] = plan.devices.map(() => []);

  const save = (device: number) => {
    const state = saves[device];
    const head = HEADS[device];
    if (state === undefined || head === undefined) return;
    const { step, idx, length } = state;
    const isConfig = step === SAVE_STEP.SEND_CONFIG;
    if (step !== SAVE_STEP.SEND && !isConfig) {
      const left = (plan.devices[device] ?? 0) - (read[device] ?? 0);
      const config = step === SAVE_STEP.SAVE_CONFIG ? CONFIG.length : 0;
      const most = Math.min(left, plan.bufferSize);
      // Short reads, as devices give them.
      const got = step === SAVE_STEP.READ && most > 0 ? 1 + choose(most) : config;
      if (step === SAVE_STEP.READ) read[device] = (read[device] ?? 0) + got;
      nextSaveStep(jobs, state, got);
      return;
    }
    const channel = takeChannel(jobs);
    const wire = wires[channel];
    if (wire === undefined) return assertEquals(channel, -ERRNO.EAGAIN);
    // An idle channel has nothing on its way, but at first its init packet.
    if (wire.decoder.channelId >= 0) assertEquals(wire.bytes.length, 0);
    const packet = new Uint8Array(288);
    encodeDeviceStateHead(new DataView(packet.buffer), 0, head, idx, isConfig, length);
    const end = read[device] ?? 0;
    const data = isConfig ? CONFIG : saved[device]?.slice(end - length, end) ?? [];
    wire.bytes.push(...packet, ...data);
    nextSaveStep(jobs, state, 0);
  };

  const deliver = (channel: number) => {
    const wire = wires[channel];
    if (wire === undefined || wire.bytes.length === 0) return;
    const piece = Uint8Array.from(wire.bytes.splice(0, 1 + choose(400)));
    const { decoder } = wire;
    for (let at = 0;;) {
      const event = decodeMultifd(decoder, piece, at, piece.length);
      at = decoder.next;
      if (event === MULTIFD_EVENT.MORE) break;
      if (event === MULTIFD_EVENT.DEVICE_STATE) wire.data = [];
      if (event === MULTIFD_EVENT.DATA) {
        wire.data.push(...piece.subarray(decoder.dataAt, decoder.dataAt + decoder.dataSize));
      }
      const load = loads[decoder.device];
      if (event === MULTIFD_EVENT.CHANNEL || decoder.dataLeft > 0 || load === undefined) continue;
      const { idx, isConfig, dataLength } = decoder;
      receiveBuffer(gate, load, idx, isConfig, dataLength, queued.push(wire.data) - 1);
    }
    if (wire.bytes.length === 0) finishJob(jobs, channel);
  };

  const load = (device: number) => {
    const state = loads[device];
    if (state === undefined) return;
    const { buffers, step } = state;
    const data = queued[buffers.handle] ?? [];
    let result = 0;
    if (step === LOAD_STEP.WRITE) {
      const left = buffers.length - buffers.written;
      result = left > 0 ? 1 + choose(left) : 0;
      loaded[device]?.push(...data.slice(buffers.written, buffers.written + result));
    }
    if (step === LOAD_STEP.LOAD_CONFIG) configs[device]?.push(...data);
    nextLoadStep(gate, state, result);
  };

  for (let actions = 0; loadsRunning(gate) > 0; actions++) {
    assert(actions < 50_000, "it does not come to an end");
    if (actions === plan.startAt) startSwitchover(gate);
    const who = choose(3);
    // In turn where the choices repeat, so that nobody is left out for ever.
    const offset = actions % 5;
    if (who === 0) save((choose(count) + offset) % count);
    if (who === 1) deliver((choose(plan.channels) + offset) % plan.channels);
    if (who === 2) load((choose(count) + offset) % count);
    if (actions % 7 === 0) {
      for (let device = 0; device < count; device++) {
        save(device);
        load(device);
      }
      for (let channel = 0; channel < plan.channels; channel++) deliver(channel);
    }
  }
  if (loadsCancelled(gate) === 0) assertEquals(savesRunning(jobs), 0);
  return {
    saved,
    loaded,
    configs,
    peaks: loads.map(({ buffers }) => buffers.peakQueuedBytes),
    cancelled: loadsCancelled(gate),
  };
}

Deno.test("any order, any split, any number of channels: the same bytes, or the cap is exceeded", () => {
  let capped = 0;
  let whole = 0;
  fc.assert(
    fc.property(plans, (plan) => {
      const { saved, loaded, configs, peaks, cancelled } = play(plan);
      for (const peak of peaks) assert(peak <= plan.maxQueuedBytes);
      if (cancelled !== 0) {
        capped++;
        assertEquals(cancelled, -ERRNO.ENOBUFS);
        assert(plan.maxQueuedBytes < Infinity);
        return;
      }
      whole++;
      assertEquals(loaded, saved);
      assertEquals(configs, saved.map(() => [...CONFIG]));
    }),
    { numRuns: 300, seed: 4 },
  );
  assert(capped > 10 && whole > 100);
});
