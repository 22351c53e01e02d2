import { assertEquals } from "@std/assert";
import { ERRNO } from "../../libc/mod.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { reportDataSize } from "./size_report.ts";
import { beginPrecopy, createStateStream, readStream, type StateStream } from "./state_stream.ts";

const HEADER = 24;
const STATE = 1000;
const PRECOPIED = 600;
/** The whole state in two records, and the end. */
const FULL = STATE + 3 * HEADER;

function streamInPrecopy(): StateStream {
  const stream = createStateStream({
    memory: null,
    size: STATE,
    precopySize: PRECOPIED,
    chunkSize: 100,
    dirtyRate: 0,
    dirtySpan: 0,
  });
  beginPrecopy(stream);
  readStream(stream, null, 100, false);
  return stream;
}

/** The answer in a session that has 100 bytes read, and outside one. */
function reports(profile: Partial<DeviceProfile>, random = 0.5): [number, number] {
  const stream = streamInPrecopy();
  const report = (isSaving: boolean) => {
    const out = { stopCopyLength: 0 };
    const result = reportDataSize(
      { ...GENERIC_PROFILE, ...profile },
      stream,
      isSaving,
      () => random,
      out,
    );
    return result < 0 ? result : out.stopCopyLength;
  };
  return [report(true), report(false)];
}

Deno.test("exact is what is left of a session, and outside one the whole", () => {
  assertEquals(reports({ stop_copy_report: "exact" }), [FULL - 100, FULL]);
});

Deno.test("full-always does not learn from what was read", () => {
  assertEquals(reports({ stop_copy_report: "full-always" }), [FULL, FULL]);
});

Deno.test("constant is the profile's own number", () => {
  const profile = { stop_copy_report: "constant", stop_copy_constant: 4711 } as const;
  assertEquals(reports(profile), [4711, 4711]);
});

Deno.test("noisy lies around the truth, as far as the random number says", () => {
  const profile = { stop_copy_report: "noisy", stop_copy_noise: 0.25 } as const;
  assertEquals(reports(profile, 0.5), [FULL - 100, FULL]);
  assertEquals(reports(profile, 0), [FULL - 100, FULL].map((truth) => Math.round(truth * 0.75)));
  assertEquals(reports(profile, 1), [FULL - 100, FULL].map((truth) => Math.round(truth * 1.25)));
  assertEquals(reports({ ...profile, stop_copy_noise: 1 }, 0), [0, 0]);
});

Deno.test("error gives no size, errno-as-length gives one that is none", () => {
  assertEquals(reports({ stop_copy_report: "error" }), [-ERRNO.EIO, -ERRNO.EIO]);
  assertEquals(reports({ stop_copy_report: "errno-as-length" }), [-ERRNO.EINVAL, -ERRNO.EINVAL]);
});
