export { left, right, type Coder, type CoderError } from "./coders/coder.ts";
export { kvCoder, type KvCoder } from "./coders/kv.ts";
export { numberCoder } from "./coders/number.ts";
export { stringCoder } from "./coders/string.ts";
export { structuralCoder } from "./coders/structural.ts";
export type { CombineFn } from "./combine/combine-fn.ts";
export { count } from "./combine/count.ts";
export type { Having } from "./combine/part.ts";
export { sum } from "./combine/sum.ts";
export { definePipeline, type Declaration, type PipelineDefinition } from "./definition.ts";
export { PipelineError, type PipelineErrorCode, type PipelineErrorParts } from "./errors.ts";
export type {
  Collection,
  CollectionId,
  CollectNode,
  CompositeNode,
  CompositeSpec,
  ElementFn,
  FlattenNode,
  Graph,
  GroupByKeyNode,
  ImpulseNode,
  Node,
  NodeId,
  ParDoNode,
  PrimitiveNode,
  SinkNode,
  WindowIntoNode,
} from "./graph.ts";
export type { MetricKind, MetricQuery, MetricResult, MetricValues } from "./metrics.ts";
export type { OptionInputs, OptionSpec, OptionValues } from "./options.ts";
export { kv, ptransform, type KV, type PCollection, type Pipeline, type PTransform } from "./pipeline.ts";
export type {
  FinalState,
  Logger,
  PassedOptions,
  PipelineResult,
  RunArguments,
  Runnable,
  Runner,
  RunningPipeline,
  RunSettings,
} from "./running.ts";
export type { Sink, SinkContext, SinkWriter } from "./sink.ts";
export { claimRange, evenly, type BoundedSource, type Chunk, type OffsetRange, type Tracker } from "./source.ts";
export { days, hours, MAX_INSTANT, milliseconds, MIN_INSTANT, minutes, NEVER, seconds, type Duration, type Instant } from "./time.ts";
export { boundedSource } from "./transforms/bounded-source.ts";
export { collect, type Collected } from "./transforms/collect.ts";
export { combinePerKey } from "./transforms/combine-per-key.ts";
export { countPerElement } from "./transforms/count-per-element.ts";
export { create, type CreateOptions } from "./transforms/create.ts";
export { filter } from "./transforms/filter.ts";
export { flatMap } from "./transforms/flat-map.ts";
export { groupByKey } from "./transforms/group-by-key.ts";
export { impulse } from "./transforms/impulse.ts";
export { keyBy } from "./transforms/key-by.ts";
export { map, type Sync } from "./transforms/map.ts";
export { windowInto } from "./transforms/window-into.ts";
export { writeTo } from "./transforms/write-to.ts";
export { defaultTrigger, type Trigger } from "./trigger.ts";
export {
  NO_FIRING,
  type Accumulation,
  type IntervalWindow,
  type Pane,
  type Window,
  type WindowFn,
  type WindowingStrategy,
} from "./windowing.ts";
export { fixedWindows } from "./windows/fixed.ts";
export { globalWindow, globalWindows } from "./windows/global.ts";
export { intervalWindow, intervalWindowCoder } from "./windows/interval.ts";
