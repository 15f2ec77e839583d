import { PipelineError, shortText } from "./errors.ts";
import { ALL_OF_TIME, type Duration } from "./time.ts";

/** Refuses what is no whole number of at least `least`. */
export function mustBeWhole(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new PipelineError("BAD_ARGUMENT", { what: `${what} is a whole number, at least ${least}`, got: shortText(value) });
}

/** Refuses what is no duration, in ms, from `least` up to the length of all of time. */
export function mustBeDuration(what: string, value: Duration, least: number): void {
  if (typeof value === "number" && value >= least && value <= ALL_OF_TIME) return;
  throw new PipelineError("BAD_ARGUMENT", {
    what: `${what} is a duration in ms, from ${least} up to ${ALL_OF_TIME}, which is all of time`,
    got: shortText(value),
    fix: "pass a duration such as seconds(10)",
  });
}

/** Refuses a tag that cannot name an output, or that another output has. */
export function mustBeTags(tags: readonly string[]): void {
  tags.forEach((tag, i) => {
    const isTaken = tags.indexOf(tag) < i;
    if (typeof tag === "string" && tag !== "" && !isTaken) return;
    throw new PipelineError("BAD_NAME", {
      what: isTaken ? "two outputs of a step have one tag" : "the tag of an output is a text that is not empty",
      got: shortText(tag),
    });
  });
}

/** Refuses what is no function. */
export function mustBeFunction(whose: string, f: unknown): void {
  if (typeof f === "function") return;
  throw new PipelineError("BAD_ARGUMENT", { what: `${whose} takes a function`, got: shortText(f) });
}
