/** The project's own folders, wherever it is run from. */
export const SCENARIOS_DIR = new URL("../scenarios/", import.meta.url);
export const RESULTS_DIR = decodeURIComponent(new URL("../results/", import.meta.url).pathname);
