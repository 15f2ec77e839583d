import { PipelineError, shortText } from "./errors.ts";
import type { OptionSpec, OptionValues } from "./options.ts";
import type { Pipeline } from "./pipeline.ts";

/**
 * A pipeline that any thread can build its own copy of: a builder function, and the module it can be imported from.
 *
 * @typeParam O - the declared options.
 */
export interface PipelineDefinition<O = {}> {
  /** The url of the module that exports this definition. */
  readonly url: string;
  /** Names runs of the pipeline; the module's file name unless given. */
  readonly name: string;
  /** The declared options, by name. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Applies the pipeline's steps. Deterministic: the same options give the same graph. */
  build(p: Pipeline, options: OptionValues<O>): void;
}

/** What {@link definePipeline} is told besides the builder. */
export interface Declaration<O> {
  /** Names runs of the pipeline; the module's file name unless given. */
  readonly name?: string;
  /** The options that a run takes, by name. */
  readonly options?: O;
}

/**
 * Defines a pipeline in a module, to be exported from it.
 *
 * A worker thread, or a process that starts again, imports the module and calls the builder with the same options. No
 * function is ever serialised, so functions may use whatever the module and the options hold. What is worked out anew on
 * each build (the clock, random numbers, the command line) belongs into an option.
 *
 * @param url - `import.meta.url` of the module that exports the definition.
 * @param build - applies the steps. It may not be async.
 *
 * @example
 * ```ts
 * export default definePipeline(import.meta.url, { options: { input: { type: "string", required: true } } }, (p, { input }) => {
 *   p.apply("Read", readText(input)).apply("Count", countPerElement());
 * });
 * ```
 */
export function definePipeline(url: string, build: (p: Pipeline) => void): PipelineDefinition;
export function definePipeline<const O extends Readonly<Record<string, OptionSpec>> = {}>(
  url: string,
  declared: Declaration<O>,
  build: (p: Pipeline, options: OptionValues<O>) => void,
): PipelineDefinition<O>;
export function definePipeline(
  url: string,
  declaredOrBuild: Declaration<Readonly<Record<string, OptionSpec>>> | ((p: Pipeline) => void),
  given?: (p: Pipeline, options: never) => void,
): PipelineDefinition<never> {
  const [declared, build] = typeof declaredOrBuild === "function" ? [{}, declaredOrBuild] : [declaredOrBuild, given];
  if (typeof url !== "string" || typeof build !== "function") {
    throw new PipelineError("NOT_A_PIPELINE", {
      what: "definePipeline takes the module's url, what is declared, and a builder function",
      got: `${shortText(url)}, ${shortText(build)}`,
      fix: "definePipeline(import.meta.url, { options: { … } }, (p, options) => { … })",
    });
  }
  const definition = new Definition(url, declared.name ?? fileNameOf(url), declared.options ?? {}, build);
  return definition as unknown as PipelineDefinition<never>;
}

class Definition {
  readonly url: string;
  readonly name: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly build: (p: Pipeline, options: never) => void;

  constructor(url: string, name: string, options: Readonly<Record<string, OptionSpec>>, build: (p: Pipeline, options: never) => void) {
    this.url = url;
    this.name = name;
    this.options = options;
    this.build = build;
  }
}

/** Whether a value, such as an export of a module, is what {@link definePipeline} gave. */
export const isDefinition = (value: unknown): value is PipelineDefinition => value instanceof Definition;

const fileNameOf = (url: string): string => url.slice(url.lastIndexOf("/") + 1).replace(/\.[cm]?[jt]s$/, "");
