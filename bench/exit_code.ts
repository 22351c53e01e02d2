/** What the exit codes of every command mean. */
export const EXIT = {
  FINE: 0,
  /** A metric regressed, or an expectation failed. */
  REGRESSED: 1,
  /** The command line, a scenario or a file that was given is wrong. */
  USAGE: 2,
  /** Nothing can be said: too few trials, or no comparable baseline. */
  INCONCLUSIVE: 3,
  /** A trial failed. */
  TRIAL_FAILED: 4,
  /** Ctrl-C; what was measured until then is kept. */
  INTERRUPTED: 130,
} as const;
