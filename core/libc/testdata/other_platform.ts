// Run as if on another platform, to see what the first call throws there.
import { memfdCreate, UnsupportedPlatformError } from "../mod.ts";

Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "darwin", arch: "aarch64" } });
try {
  memfdCreate("never made");
} catch (error) {
  if (!(error instanceof UnsupportedPlatformError)) throw error;
  await Deno.stdout.write(new TextEncoder().encode(error.message));
}
