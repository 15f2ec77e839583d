import type { AnyPart, TriggerPart } from "./part.ts";
import { togetherMachine, type Together } from "./together.ts";

/** Fires once, when one of its parts is ready; the pane is gone for the others too. */
export const afterFirstMachine = (parts: readonly AnyPart[]): TriggerPart<Together> =>
  togetherMachine(parts, { takes: "some", tellsFinished: true });
