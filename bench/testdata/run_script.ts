/** What a script said, and with which code it ended. */
export interface ScriptRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a script in a process of its own: what it leaves open is counted there, and nothing of other tests. One that does
 * not end, because a Worker keeps it or a trial hangs, is ended, and its code is then none that a test expects.
 */
export async function runScript(
  script: URL,
  args: readonly string[] = [],
  limit_ms = 120_000,
): Promise<ScriptRun> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      script.pathname,
      ...args,
    ],
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(limit_ms),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
