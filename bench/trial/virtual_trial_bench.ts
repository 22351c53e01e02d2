import { SCENARIOS_DIR } from "../paths.ts";
import { applyOverrides, expandCases, loadScenario } from "../scenario/mod.ts";
import { runVirtualTrial } from "./virtual_trial.ts";

const reinit = expandCases(await loadScenario("reinit", SCENARIOS_DIR));
const smoke = await loadScenario("smoke", SCENARIOS_DIR);

for (const one of reinit) {
  Deno.bench(`a virtual trial of reinit, ${one.label}`, () => {
    runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: 1 });
  });
}

for (const size of ["1GiB", "1TiB"]) {
  const [one] = expandCases(
    applyOverrides(smoke, [
      `devices.nic0.state_size=${size}`,
      "link.bandwidth=100Gbit/s",
      "max_time_ms=1000s",
    ]),
  );
  if (one === undefined) continue;
  Deno.bench(`a virtual trial of a device of ${size}`, { group: "size" }, () => {
    runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: 1 });
  });
}
