/**
 * Does something that Ctrl-C, or a SIGTERM, ends early by its signal.
 *
 * @returns What came of it, and whether it was interrupted
 */
export async function untilInterrupted<T>(
  act: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly result: T; readonly interrupted: boolean }> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  try {
    const result = await act(interrupt.signal);
    return { result, interrupted: interrupt.signal.aborted };
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }
}
