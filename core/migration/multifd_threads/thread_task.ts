import type { MultifdEnds } from "../../channel/mod.ts";
import type { DeviceHandover } from "../../device/mod.ts";
import type { LoadShared } from "./load_shared.ts";
import type { SaveShared } from "./save_shared.ts";
import type { ThreadResult } from "./thread_result.ts";

/** What a thread is for, told to it when it is made; `place` is its device's or its channel's. */
export type ThreadPlan =
  | { readonly kind: "save"; readonly place: number; readonly shared: SaveShared }
  | { readonly kind: "send"; readonly place: number; readonly shared: SaveShared }
  | { readonly kind: "recv"; readonly place: number; readonly shared: LoadShared }
  | { readonly kind: "load"; readonly place: number; readonly shared: LoadShared };

/** The first message of a thread's Worker. */
export interface ThreadStart {
  readonly plan: ThreadPlan;
  /** Where it is told to run, and where its results go. */
  readonly port: MessagePort;
  /** One word that every result raises. */
  readonly results: Int32Array<SharedArrayBuffer>;
}

/** What a thread is told to do. A channel's has no device. */
export interface ThreadTask {
  /** This migration's channels, in the place of those that it was made with. */
  readonly ends: MultifdEnds;
  readonly handover: DeviceHandover | null;
  /** Of how many of its calls the duration of one is wanted; 0 = of none. */
  readonly recordOneIn: number;
}

/** What comes back: the result, or why the thread broke, which is a fault of this program. */
export type ThreadAnswer =
  | { readonly type: "ended"; readonly result: ThreadResult }
  | { readonly type: "broken"; readonly message: string };
