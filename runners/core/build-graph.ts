import { isDefinition, type PipelineDefinition } from "../../sdk/definition.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import { GraphBuilder } from "../../sdk/graph-builder.ts";
import type { Graph } from "../../sdk/graph.ts";
import { optionValues } from "../../sdk/options.ts";
import type { Pipeline } from "../../sdk/pipeline.ts";

/** A pipeline of any options, as runners hold it. */
export type AnyPipeline = PipelineDefinition | ((p: Pipeline) => void);

/** A graph with the values of all options that it was built from. */
export interface BuiltPipeline {
  readonly graph: Graph;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The graph that a pipeline builds from these options; where none is given for one of them, from its default. */
export function buildGraph(pipeline: AnyPipeline, given: Readonly<Record<string, unknown>> = {}): BuiltPipeline {
  if (typeof pipeline !== "function" && !isDefinition(pipeline)) {
    throw new PipelineError("NOT_A_PIPELINE", {
      what: "a runner takes what definePipeline(…) gave, or a function that builds a pipeline",
      got: shortText(pipeline),
      fix: "pass the definition that the module exports, not the module",
    });
  }
  const builder = new GraphBuilder();
  const options = optionValues(isDefinition(pipeline) ? pipeline.options : {}, given);
  const built: unknown = isDefinition(pipeline) ? pipeline.build(builder.pipeline, options) : pipeline(builder.pipeline);
  if (built instanceof Promise) {
    built.catch(() => {}); // what it fails with comes from being async, and would end the process beside the error below
    throw new PipelineError("NOT_A_PIPELINE", {
      what: "a builder function is async",
      fix: "apply all steps before the function returns; what has to be awaited belongs into a source",
    });
  }
  return { graph: builder.freeze(), options };
}
