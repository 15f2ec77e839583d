import { isPastEnd } from "./past-end.ts";
import { statelessMachine } from "./stateless.ts";

/** Ready as long as the watermark is past the end of the window; it never finishes, also as a part of another machine. */
export const defaultMachine = statelessMachine(true, isPastEnd);
