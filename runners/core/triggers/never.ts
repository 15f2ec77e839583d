import { statelessMachine } from "./stateless.ts";

/** Never ready. */
export const neverMachine = statelessMachine(false, () => false);
