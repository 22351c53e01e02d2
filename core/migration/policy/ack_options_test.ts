import { assertEquals } from "@std/assert";
import { devicesAskForAcks } from "./ack_options.ts";
import { POLICIES, POLICY_NAMES } from "./policy.ts";

Deno.test("devices ask for acks in 11.1 only, with the capability and not in legacy mode", () => {
  const asking: string[] = [];
  for (const name of POLICY_NAMES) {
    for (const capability of [false, true]) {
      for (const legacy of [false, true]) {
        if (devicesAskForAcks(POLICIES[name], { capability, legacy })) {
          asking.push(`${name} capability=${capability} legacy=${legacy}`);
        }
      }
    }
  }
  assertEquals(asking, ["qemu-11.1 capability=true legacy=false"]);
});
