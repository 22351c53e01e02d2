import { getColorEnabled } from "@std/fmt/colors";

/** What a table on stdout is drawn for. */
export interface StdoutShape {
  /** In characters. */
  readonly width: number;
  readonly color: boolean;
}

/**
 * As stdout is: a terminal has a width, and colours unless NO_COLOR is set.
 *
 * @param pipedWidth How wide a table may be where no terminal says so
 */
export function stdoutShape(pipedWidth: number): StdoutShape {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    width: isTerminal ? Deno.consoleSize().columns : pipedWidth,
    color: isTerminal && getColorEnabled(),
  };
}
