import type { Random } from "../core/ports.ts";

/** Chance, for what only needs to differ, such as waits before another attempt. */
export const chance: Random = () => Math.random();
