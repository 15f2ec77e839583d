import { statelessMachine } from "./stateless.ts";

/** Ready whenever it is asked; it never finishes. */
export const alwaysMachine = statelessMachine(false, () => true);
