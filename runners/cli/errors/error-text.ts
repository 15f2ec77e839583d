import { inspect } from "node:util";
import { PipelineError } from "../../../sdk/errors.ts";
import { framesOf, type Frame, type Places } from "./stack.ts";

/** How an error is printed. */
export interface ErrorTextOptions extends Places {
  /** All frames, in the order of the calls. */
  readonly isVerbose: boolean;
}

/**
 * An error as its user has to see it: what is wrong, where in the pipeline and where in the user's own code; then each cause,
 * with the frames that are not the library's.
 */
export function errorText(error: unknown, options: ErrorTextOptions): string {
  const [first, ...causes] = chainOf(error);
  const opening = partOf(first, options, true);
  // The place comes before any stack, since it is where one goes. A step's error has it in its cause, a builder's in itself.
  const place = [...causes, first].map((each) => userPlaceOf(each, options)).find((found) => found !== undefined);
  const isNamed = place !== undefined && opening.frames.length === 0;
  const parts = [
    [opening.title, ...(isNamed ? [`  in: ${place}`] : []), ...opening.frames],
    ...causes.map((cause) => partOf(cause, options, false)).map(({ title, frames }) => [`caused by ${title}`, ...frames]),
  ];
  return parts.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

const userPlaceOf = (error: unknown, places: Places): string | undefined =>
  error instanceof Error ? framesOf(error, places).find(({ owner }) => owner === "user")?.place : undefined;

/** An error, its cause, the cause's cause; each once, in case they go round in a circle. */
function chainOf(error: unknown): readonly unknown[] {
  const chain = new Set<unknown>();
  for (let next: unknown = error; next !== undefined && !chain.has(next); next = next instanceof Error ? next.cause : undefined)
    chain.add(next);
  const all = chain.size === 0 ? [error] : [...chain];
  return all.filter((each, i) => i === 0 || !isRepeated(each, all[i - 1]));
}

/** Whether an error of ours was given its place by another one, which says all that it says. */
const isRepeated = (error: unknown, before: unknown): boolean =>
  error instanceof PipelineError && before instanceof PipelineError && error.code === before.code && error.parts.what === before.parts.what;

function partOf(
  error: unknown,
  options: ErrorTextOptions,
  isFirst: boolean,
): { readonly title: string; readonly frames: readonly string[] } {
  if (!(error instanceof Error)) return { title: inspect(error), frames: [] };
  const frames = framesOf(error, options);
  // Ours say in their text what is wrong; where they were made is of interest to nobody but us.
  if (error instanceof PipelineError) return { title: error.message, frames: options.isVerbose ? frames.map(indented) : [] };
  const isOurFault = isFirst || frames[0]?.owner === "library";
  return { title: `${error.name}: ${error.message}`, frames: options.isVerbose ? frames.map(indented) : shownOf(frames, isOurFault) };
}

/** The user's frames and those of other packages. Where there are none, and the error may come from the library itself, all of them. */
function shownOf(frames: readonly Frame[], isOurFault: boolean): readonly string[] {
  const shown = frames.filter(({ owner }) => owner === "user" || owner === "dependency");
  if (shown.length === 0 && isOurFault) return frames.map(indented);
  const left = frames.length - shown.length;
  return [...shown.map(indented), ...(left === 0 ? [] : [`    … ${left} frames of millrace and Node; --verbose shows them`])];
}

const indented = ({ text }: Frame): string => `    ${text}`;
