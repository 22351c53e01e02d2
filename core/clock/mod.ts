/**
 * Time as the engine sees it.
 * @module
 */
export type { Clock } from "./clock.ts";
export { createVirtualClock, type VirtualClock } from "./virtual_clock.ts";
export { createLane, type Lane } from "./lane.ts";
export { createWallClock, wallClock } from "./wall_clock.ts";
