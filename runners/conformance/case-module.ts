import { definePipeline, type PipelineDefinition } from "../../sdk/definition.ts";
import type { PCollection, Pipeline } from "../../sdk/pipeline.ts";
import type { PipelineResult } from "../../sdk/running.ts";
import { collect, type Collected } from "../../sdk/transforms/collect.ts";

/** The elements of a case's outputs, by name. */
export type Outputs = Readonly<Record<string, readonly unknown[]>>;

/** What a case's steps give: one collection, several by name, or none. */
export type BuiltOutputs = PCollection<unknown> | Readonly<Record<string, PCollection<unknown>>> | void;

/**
 * One behaviour that every runner must show: a pipeline, and what comes out of it.
 *
 * On some runners the steps run in other threads, each with its own copy of the module: what a step saw has to come back as an
 * element, as a metric or in an error, and never by a variable.
 */
export interface ConformanceCase {
  /** The behaviour, as a sentence. */
  readonly title: string;
  /** Applies the case's steps; what it returns is compared. */
  readonly build: (p: Pipeline) => BuiltOutputs;
  /** The elements of the one output, or of each, in any order. Nothing where only `check` or `fails` says what is right. */
  readonly expected?: readonly unknown[] | Outputs;
  /** What else holds; throws where it does not. `outputs` has the one output as `main`. */
  readonly check?: (outputs: Outputs, result: PipelineResult) => void;
  /** The run must fail: with an error whose message matches, or with one for which the function does not throw. */
  readonly fails?: RegExp | ((error: Error) => void);
}

/** The options of a module of cases. */
export interface CaseOptions {
  /** Which case to build. */
  readonly case: { readonly type: "string"; readonly required: true };
}

/** A module's cases as one pipeline whose option says which of them to build, so that a worker thread can build it again. */
export interface CaseModule extends PipelineDefinition<CaseOptions> {
  /**
   * The cases, by id: that of their row in the catalogue, with `/` and a word behind it where a row takes several cases, or with
   * `+` behind it for a behaviour that the catalogue does not have.
   */
  readonly cases: Readonly<Record<string, ConformanceCase>>;
  /** What a case hands out, by the names of its outputs; nothing before it was built in this thread. */
  readonly handlesOf: (id: string) => Readonly<Record<string, Collected<unknown>>>;
}

/**
 * Makes a module of cases. It has to be an export of the module with this url.
 *
 * @param url - `import.meta.url` of the module.
 */
export function caseModule(url: string, cases: Readonly<Record<string, ConformanceCase>>): CaseModule {
  // The same in every build of a case, so it does not matter which build is the last one.
  const handles = new Map<string, Readonly<Record<string, Collected<unknown>>>>();
  const definition = definePipeline(url, { options: { case: { type: "string", required: true } } }, (p, options) => {
    const found = Object.hasOwn(cases, options.case) ? cases[options.case] : undefined;
    if (found === undefined) throw new Error(`there is no case ${options.case} in ${url}`);
    const outputs = Object.entries(named(found.build(p) ?? {}));
    handles.set(options.case, Object.fromEntries(outputs.map(([name, output]) => [name, output.apply(`Collect ${name}`, collect())])));
  });
  const handlesOf: CaseModule["handlesOf"] = (id) => handles.get(id) ?? {};
  return Object.defineProperties(definition, { cases: { value: cases }, handlesOf: { value: handlesOf } }) as CaseModule;
}

/** The one output is called `main`. */
const named = (outputs: Exclude<BuiltOutputs, void>): Readonly<Record<string, PCollection<unknown>>> =>
  typeof (outputs as PCollection<unknown>).apply === "function"
    ? { main: outputs as PCollection<unknown> }
    : (outputs as Readonly<Record<string, PCollection<unknown>>>);
