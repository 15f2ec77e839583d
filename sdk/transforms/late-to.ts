import { mustBeTags } from "../check.ts";

/** Where a grouping puts elements that come too late for it. */
export interface LateTo<L> {
  /**
   * The name of a second output, which takes the elements whose window has expired or is closed, as they came and one for each
   * such window. Without it they are dropped; they are counted either way. What a session had collected before it grew into one
   * that is closed is counted only.
   */
  readonly lateTo?: L & (L extends "main" ? { readonly "main is the name of the first output": never } : unknown);
}

/**
 * What a grouping gives: its output, or `{ main, … }` with the late elements under the name that they were given. The name is
 * that of the argument, and is not guessed from where the output goes.
 */
export type WithLate<In, Out, L extends string> = [NoInfer<L>] extends [never]
  ? Out
  : { readonly [N in NoInfer<L> | "main"]: N extends NoInfer<L> ? In : Out };

/** Refuses a name that the second output cannot have. */
export function mustBeLateTag(lateTo: string | undefined): void {
  if (lateTo !== undefined) mustBeTags(["main", lateTo]);
}
