import type { AnyPart, TriggerPart } from "./part.ts";
import { togetherMachine, type Together } from "./together.ts";

/** Fires once, when all of its parts are ready or have finished before. */
export const afterAllMachine = (parts: readonly AnyPart[]): TriggerPart<Together> =>
  togetherMachine(parts, { takes: "every", tellsFinished: false });
