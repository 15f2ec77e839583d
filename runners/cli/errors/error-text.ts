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
  const chain = chainOf(error);
  const place = chain
    .flatMap((each) => (each instanceof Error ? framesOf(each, options) : []))
    .find(({ owner }) => owner === "user")?.place;
  const [first, ...causes] = chain.map((each) => partOf(each, options));
  // The place comes before any stack, since it is what one goes to.
  const isCaused = chain.length > 1 && first!.frames.length === 0 && place !== undefined;
  const opening = isCaused ? [first!.title, `  in: ${place}`] : [first!.title, ...first!.frames];
  return [opening, ...causes.map(({ title, frames }) => [`caused by ${title}`, ...frames])]
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** An error, its cause, the cause's cause; each once, in case they go round in a circle. */
function chainOf(error: unknown): readonly unknown[] {
  const chain = new Set<unknown>();
  for (let next: unknown = error; next !== undefined && !chain.has(next); next = next instanceof Error ? next.cause : undefined)
    chain.add(next);
  return chain.size === 0 ? [error] : [...chain];
}

function partOf(error: unknown, options: ErrorTextOptions): { readonly title: string; readonly frames: readonly string[] } {
  if (!(error instanceof Error)) return { title: inspect(error), frames: [] };
  const frames = framesOf(error, options);
  // Ours say in their text what is wrong; where they were made is of interest to nobody but us.
  if (error instanceof PipelineError) return { title: error.message, frames: options.isVerbose ? frames.map(indented) : [] };
  return { title: `${error.name}: ${error.message}`, frames: options.isVerbose ? frames.map(indented) : shownOf(frames) };
}

/** The user's frames and those of other packages; all of them where there are no others, since then the fault is ours. */
function shownOf(frames: readonly Frame[]): readonly string[] {
  const shown = frames.filter(({ owner }) => owner !== "engine");
  if (shown.length === 0) return frames.map(indented);
  const left = frames.length - shown.length;
  return [...shown.map(indented), ...(left === 0 ? [] : [`    … ${left} frames of millrace and Node; --verbose shows them`])];
}

const indented = ({ text }: Frame): string => `    ${text}`;
