/** A program of the host that did not do what it was started for. */
export class ProgramError extends Error {
  override name = "ProgramError";
}

/** How a program is run. */
export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/**
 * Runs a program of the host to its end.
 *
 * @returns What it wrote to stdout
 * @throws {ProgramError} If it cannot be started or fails: with its last words in one line
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...options,
      env: { LC_ALL: "C", ...options.env },
    }).output();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ProgramError(`Cannot run ${program}: ${error.message}`);
  }
  if (output.success) return output.stdout;
  options.signal?.throwIfAborted();
  throw new ProgramError(
    `Cannot run ${program} ${args[0] ?? ""} (exit ${output.code}): ${
      lastWords(output.stderr) || lastWords(output.stdout) || "it said nothing"
    }`,
  );
}

/** Like {@linkcode runProgram}, decoded. */
export async function runProgramText(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  return new TextDecoder().decode(await runProgram(program, args, options));
}

/** The first lines that name an error, or the last ones: what a person would look for. */
function lastWords(bytes: Uint8Array): string {
  const lines = new TextDecoder().decode(bytes).split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  const errors = lines.filter((line) => /\berror\b|^E: /i.test(line));
  return (errors.length > 0 ? errors.slice(0, 3) : lines.slice(-3)).join(" | ");
}
