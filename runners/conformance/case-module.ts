import { definePipeline, type PipelineDefinition } from "../../sdk/definition.ts";
import type { PCollection, Pipeline } from "../../sdk/pipeline.ts";
import type { PipelineResult } from "../../sdk/running.ts";
import { collect, type Collected } from "../../sdk/transforms/collect.ts";

/** The elements of a case's outputs, by name. */
export type Outputs = Readonly<Record<string, readonly unknown[]>>;

/** One behaviour that every runner must show: a pipeline, and what comes out of it. */
export interface ConformanceCase {
  /** The behaviour, as a sentence. */
  readonly title: string;
  /** Applies the case's steps; what it returns is compared. */
  readonly build: (p: Pipeline) => PCollection<unknown> | Readonly<Record<string, PCollection<unknown>>> | void;
  /** The elements of the one output, or of each, in any order. Nothing where only `check` or `fails` says what is right. */
  readonly expected?: readonly unknown[] | Outputs;
  /** What else holds; throws where it does not. `outputs` has the one output as `main`. */
  readonly check?: (outputs: Outputs, result: PipelineResult) => void;
  /** What the error of the run says; the run must fail with it. */
  readonly fails?: RegExp;
}

/** The options of a module of cases. */
export interface CaseOptions {
  /** Which case to build. */
  readonly case: { readonly type: "string"; readonly required: true };
}

/** A module's cases as one pipeline whose option says which of them to build, so that a worker thread can build it again. */
export interface CaseModule extends PipelineDefinition<CaseOptions> {
  /** The cases, by the id of their row in the catalogue. */
  readonly cases: Readonly<Record<string, ConformanceCase>>;
  /** What the case that was built last in this thread hands out, by name. */
  readonly handles: Readonly<Record<string, Collected<unknown>>>;
}

/**
 * Makes a module of cases. It has to be an export of the module with this url.
 *
 * @param url - `import.meta.url` of the module.
 */
export function caseModule(url: string, cases: Readonly<Record<string, ConformanceCase>>): CaseModule {
  let handles: Readonly<Record<string, Collected<unknown>>> = {};
  const definition = definePipeline(url, { options: { case: { type: "string", required: true } } }, (p, options) => {
    const outputs = cases[options.case]!.build(p) ?? {};
    handles = Object.fromEntries(
      Object.entries(named(outputs)).map(([name, output]) => [name, output.apply(`Collect ${name}`, collect())]),
    );
  });
  return Object.defineProperties(definition, { cases: { value: cases }, handles: { get: () => handles } }) as CaseModule;
}

/** The one output is called `main`. */
export const named = (
  outputs: PCollection<unknown> | Readonly<Record<string, PCollection<unknown>>>,
): Readonly<Record<string, PCollection<unknown>>> =>
  typeof (outputs as PCollection<unknown>).apply === "function"
    ? { main: outputs as PCollection<unknown> }
    : (outputs as Readonly<Record<string, PCollection<unknown>>>);
