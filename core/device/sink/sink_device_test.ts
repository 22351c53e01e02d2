import { assert, assertEquals } from "@std/assert";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import { SinkDevice } from "./sink_device.ts";

const { RUNNING, STOP, RESUMING, STOP_COPY } = DEVICE_STATE;
const region = regionOf(Uint8Array.from({ length: 64 }, (_, i) => i).buffer);

function openSink(path: string | null): SinkDevice {
  const sink = SinkDevice.open("nic0", path);
  assert(typeof sink !== "number");
  return sink;
}

Deno.test("a file has the bytes that were written, in order, once RESUMING is left", () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/state`;
  Deno.writeTextFileSync(path, "what was there before");
  const sink = openSink(path);
  assertEquals(sink.setState(RESUMING), 0);
  assertEquals([sink.write(region, 0, 40), sink.write(region, 8, 2)], [40, 2]);
  assertEquals(Deno.readTextFileSync(path), "what was there before");
  assertEquals(sink.setState(RUNNING), 0);
  assertEquals([...Deno.readFileSync(path)], [...region.bytes.subarray(0, 40), 8, 9]);
  sink.close();
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["state"]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a state that does not come to its end leaves no file, and the old one as it was", () => {
  const folder = Deno.makeTempDirSync();
  const sink = openSink(`${folder}/state`);
  sink.setState(RESUMING);
  sink.write(region, 0, 40);
  sink.close();
  assertEquals([...Deno.readDirSync(folder)], []);
  Deno.removeSync(folder);
  assertEquals(SinkDevice.open("nic0", `${folder}/state`), -ERRNO.ENOENT);
});

Deno.test("another thread goes on where the first one stopped", () => {
  const folder = Deno.makeTempDirSync();
  const sink = openSink(`${folder}/state`);
  sink.setState(RESUMING);
  sink.write(region, 0, 8);
  const there = SinkDevice.takeOver(structuredClone(sink.handOver()));
  assertEquals([there.write(region, 8, 8), there.setState(STOP)], [8, 0]);
  sink.takeBack(structuredClone(there.handOver()));
  assertEquals([sink.getState(), sink.setState(RUNNING)], [STOP, 0]);
  sink.close();
  assertEquals([...Deno.readFileSync(`${folder}/state`)], [...region.bytes.subarray(0, 16)]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("without a file the bytes are taken all the same", () => {
  const sink = openSink(null);
  assertEquals(sink.setState(RESUMING), 0);
  assertEquals([sink.write(region, 0, 64), sink.write(region, 32, 32)], [64, 32]);
  assertEquals(sink.setState(RUNNING), 0);
  assertEquals(sink.image(), null);
  sink.close();
});

Deno.test("it is written to in RESUMING only, and answers as the kernel does otherwise", () => {
  const sink = openSink(null);
  assertEquals(sink.write(region, 0, 8), -ERRNO.EBADF);
  assertEquals([sink.setState(RESUMING), sink.setState(STOP)], [0, 0]);
  assertEquals([sink.write(region, 0, 8), sink.read()], [-ERRNO.ENODEV, -ERRNO.EBADF]);
  assertEquals([sink.setState(STOP_COPY), sink.setState(DEVICE_STATE.PRE_COPY)], [
    0,
    -ERRNO.EINVAL,
  ]);
  assertEquals([sink.reset(), sink.getState()], [0, RUNNING]);
  sink.close();
  assertEquals([sink.setState(STOP), sink.write(region, 0, 8), sink.reset()], [
    -ERRNO.EBADF,
    -ERRNO.EBADF,
    -ERRNO.EBADF,
  ]);
});
