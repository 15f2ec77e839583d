export { bigintCoder } from "./coders/bigint.ts";
export { booleanCoder } from "./coders/boolean.ts";
export type { ByteReader } from "./coders/byte-reader.ts";
export type { ByteWriter } from "./coders/byte-writer.ts";
export { bytesCoder } from "./coders/bytes.ts";
export { type AnyCoder, type Coder, type CoderError } from "./coders/coder.ts";
export { dateCoder } from "./coders/date.ts";
export { iterableCoder } from "./coders/iterable.ts";
export { kvCoder, type KvCoder } from "./coders/kv.ts";
export { literalCoder } from "./coders/literal.ts";
export { nullableCoder } from "./coders/nullable.ts";
export { numberCoder } from "./coders/number.ts";
export { rowCoder, type Row, type RowFields } from "./coders/row.ts";
export { stringCoder } from "./coders/string.ts";
export { structuralCoder } from "./coders/structural.ts";
export { unionCoder, type OneOf } from "./coders/union.ts";
export type { AnyAccumulator, Combine, CombineField, OrEmptyOf, OutOf } from "./combine/combine.ts";
export { combineFn, type AnyCombineFn, type CombineCoders, type CombineContext, type CombineFn, type Kept } from "./combine/combine-fn.ts";
export { count } from "./combine/count.ts";
export { latest } from "./combine/latest.ts";
export { max } from "./combine/max.ts";
export { mean } from "./combine/mean.ts";
export { min } from "./combine/min.ts";
export { by, type Order, type Ordered } from "./combine/order.ts";
export type { Having } from "./combine/part.ts";
export { sample, type SampleOptions } from "./combine/sample.ts";
export { sum } from "./combine/sum.ts";
export { top } from "./combine/top.ts";
export type { AsyncContext, ElementContext, StepContext } from "./contexts.ts";
export { definePipeline, type Declaration, type PipelineDefinition } from "./definition.ts";
export type {
  AnyDoFn,
  Answered,
  BundleContext,
  DoFn,
  Emit,
  EmitAt,
  FinishContext,
  IfAsync,
  KeyedContext,
  KeyOf,
  NeedsKeys,
  NoOutputDeclared,
  NotAsync,
  OutputSpec,
  ProcessContext,
  Returned,
  Signalled,
  TimerContext,
  Values,
} from "./do-fn.ts";
export { PipelineError, type PipelineErrorCode, type PipelineErrorParts } from "./errors.ts";
export type { Backoff, DeadLetter, FailurePolicy, Verdict } from "./failure.ts";
export type {
  Collection,
  CollectionId,
  CollectNode,
  CollectObserver,
  CompositeNode,
  CompositeSpec,
  ElementCall,
  ElementFn,
  Splittable,
  FailureSpec,
  FlattenNode,
  Graph,
  GroupByKeyNode,
  ImpulseNode,
  Node,
  NodeId,
  ParDoNode,
  PrimitiveNode,
  ReshuffleNode,
  SideInputNodes,
  SinkNode,
  TestStreamEvent,
  TestStreamNode,
  ViewForm,
  ViewNode,
  WindowIntoNode,
} from "./graph.ts";
export type { MetricKind, MetricQuery, MetricResult, MetricValues } from "./metrics.ts";
export type {
  ChoiceOption,
  IsGiven,
  ListOption,
  OptionDescription,
  OptionInputs,
  OptionPresence,
  OptionSpec,
  OptionTypes,
  OptionValue,
  OptionValues,
  RequiredOptions,
  ScalarOption,
  ScalarValue,
} from "./options.ts";
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
export type { StepStatus, WatermarkHolder, Why } from "./step-status.ts";
export type { ElementOptions, SideInput, SideInputs } from "./side-input.ts";
export type { Sink, SinkContext, SinkPlace, SinkWriter } from "./sink.ts";
export { resume, Resume, type ResumeOptions } from "./resume.ts";
export {
  claimRange,
  evenly,
  type AnySource,
  type BoundedSource,
  type Chunk,
  type OffsetRange,
  type ReadContext,
  type SourceContext,
  type Tracker,
  type UnboundedSource,
} from "./source.ts";
export type { ClockMember, ManualClock } from "./manual-clock.ts";
export type { AnySplittableDoFn, SplittableContext, SplittableDoFn, SplittableReturned } from "./splittable.ts";
export {
  boundedDelayWatermark,
  manualWatermark,
  monotonicWatermark,
  wallClockWatermark,
  type WatermarkEstimator,
  type WatermarkPolicy,
} from "./watermark.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";
export {
  counter,
  distribution,
  gauge,
  stringSet,
  type Counter,
  type Distribution,
  type Gauge,
  type MetricOptions,
  type StepMetrics,
  type StringSet,
} from "./step-metrics.ts";
export type { BagCell, CombiningCell, MapCell, MultimapCell, OrderedListCell, SetCell, Timestamped, ValueCell } from "./state/cells.ts";
export {
  bagState,
  combiningState,
  mapState,
  multimapState,
  orderedListState,
  setState,
  valueState,
  type MapCoders,
  type StateSpec,
} from "./state/specs.ts";
export { days, hours, MAX_INSTANT, milliseconds, MIN_INSTANT, minutes, NEVER, seconds, type Duration, type Instant } from "./time.ts";
export {
  eventTimer,
  eventTimerFamily,
  processingTimer,
  processingTimerFamily,
  type Delay,
  type Held,
  type Timer,
  type TimerFamily,
  type TimerSpec,
} from "./timer.ts";
export { asyncMap, type AsyncMapOptions } from "./transforms/async-map.ts";
export { boundedSource } from "./transforms/bounded-source.ts";
export { coGroupByKey, type Grouped, type Keyed, type ValueIn } from "./transforms/co-group-by-key.ts";
export { collect, type Collected } from "./transforms/collect.ts";
export { combineGlobally, type GloballyOptions } from "./transforms/combine-globally.ts";
export { combinePerKey, type PerKeyOptions } from "./transforms/combine-per-key.ts";
export { countPerElement } from "./transforms/count-per-element.ts";
export { create, type CreateOptions } from "./transforms/create.ts";
export { deduplicate, type DeduplicateOptions } from "./transforms/deduplicate.ts";
export { distinct } from "./transforms/distinct.ts";
export { emptyCollection } from "./transforms/empty-collection.ts";
export { filter } from "./transforms/filter.ts";
export { filterMap } from "./transforms/filter-map.ts";
export { flatMap } from "./transforms/flat-map.ts";
export { flatten, type ElementOf, type FlattenInputs } from "./transforms/flatten.ts";
export { generate, type GeneratedValue, type GenerateOptions, type PacedGenerateOptions } from "./transforms/generate.ts";
export { groupByKey } from "./transforms/group-by-key.ts";
export { groupIntoBatches, type BatchLimits, type BatchOptions } from "./transforms/group-into-batches.ts";
export { periodicImpulse, type PeriodicImpulseOptions } from "./transforms/periodic-impulse.ts";
export { splittable } from "./transforms/splittable.ts";
export { unboundedSource } from "./transforms/unbounded-source.ts";
export { impulse } from "./transforms/impulse.ts";
export { fullJoin, innerJoin, leftJoin, rightJoin, type JoinOptions } from "./transforms/joins.ts";
export { keyBy } from "./transforms/key-by.ts";
export { keys } from "./transforms/keys.ts";
export type { LateTo, WithLate } from "./transforms/late-to.ts";
export { log, type LogOptions } from "./transforms/log.ts";
export { map, type Sync } from "./transforms/map.ts";
export { mapEither, type EitherOutputs } from "./transforms/map-either.ts";
export { output, parDo, type Outputs } from "./transforms/par-do.ts";
export { parse, type Invalid, type Issue, type ParseOutputs } from "./transforms/parse.ts";
export { partition, type Repeat } from "./transforms/partition.ts";
export { reify, type Reified } from "./transforms/reify.ts";
export { remerge } from "./transforms/remerge.ts";
export { reshuffle } from "./transforms/reshuffle.ts";
export {
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  type RefreshOptions,
  type SingletonOptions,
} from "./transforms/side-inputs.ts";
export { splitBy } from "./transforms/split-by.ts";
export { swapKv } from "./transforms/swap-kv.ts";
export { tableJoin, type RowOf, type TableJoinOptions } from "./transforms/table-join.ts";
export { tap } from "./transforms/tap.ts";
export { values } from "./transforms/values.ts";
export { wait } from "./transforms/wait.ts";
export { windowInto } from "./transforms/window-into.ts";
export { withCoder } from "./transforms/with-coder.ts";
export { withExceptionHandling, type Failed } from "./transforms/with-exception-handling.ts";
export { withKeys } from "./transforms/with-keys.ts";
export { withTimestamps, type WithTimestampsOptions } from "./transforms/with-timestamps.ts";
export { withWindowing } from "./transforms/with-windowing.ts";
export { writeTo } from "./transforms/write-to.ts";
export {
  afterAll,
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
  type AlignmentOptions,
  type EarlyAndLate,
  type Trigger,
} from "./trigger.ts";
export {
  NO_FIRING,
  type Accumulation,
  type AnyWindowFn,
  type Firing,
  type IntervalWindow,
  type Pane,
  type TimestampCombiner,
  type Window,
  type WindowFn,
  type WindowingStrategy,
} from "./windowing.ts";
export type { InheritingOptions, WindowingOptions, WindowingSettings } from "./windowing-options.ts";
export {
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
  type CalendarDaysOptions,
  type CalendarMonthsOptions,
  type CalendarOptions,
  type CalendarWeeksOptions,
  type CalendarYearsOptions,
  type DayOfWeek,
} from "./windows/calendar.ts";
export { fixedWindows } from "./windows/fixed.ts";
export { globalWindow, globalWindows } from "./windows/global.ts";
export { intervalWindow, intervalWindowCoder } from "./windows/interval.ts";
export { dynamicSessions, sessions } from "./windows/sessions.ts";
export { slidingWindows } from "./windows/sliding.ts";
