import type { AnyCoder, Coder } from "../coders/coder.ts";
import { mustBeTags } from "../check.ts";
import type { OutputSpec } from "../do-fn.ts";
import type { TestStreamNode } from "../graph.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";
import type { Duration, Instant } from "../time.ts";
import { primitiveWith } from "../transform.ts";
import type { At } from "./at.ts";
import { EventScript } from "./event-script.ts";

/**
 * A stream of which a test says what happens in it, and when. It is a transform: `p.apply(stream)`. Each of its methods gives
 * another stream with one more event, and leaves this one as it is.
 *
 * An event is over when all that follows from it is done; only then the next one happens.
 */
export interface TestStream<T> extends PTransform<Pipeline, PCollection<T>> {
  /** Elements arrive together. One without a time, see {@link at}, takes the watermark of now. */
  addElements(...elements: readonly (T | At<T>)[]): TestStream<T>;
  /** The watermark moves to an instant before `MAX_INSTANT`, and never back. */
  advanceWatermarkTo(to: Instant): TestStream<T>;
  /** The stream ends. Where a test does not say so, it ends after its last event. */
  advanceWatermarkToInfinity(): TestStream<T>;
  /** Processing time goes on by so many ms. It starts at 0, and stands still otherwise. */
  advanceProcessingTime(by: Duration): TestStream<T>;
}

/** Several streams of one {@link TestStream}, each with a watermark of its own; processing time is the same for all. */
export interface TestStreams<S> extends PTransform<Pipeline, { readonly [N in keyof S]: PCollection<S[N]> }> {
  /** Elements arrive together in one of the streams. One without a time, see {@link at}, takes the watermark of that stream. */
  addElements<N extends keyof S & string>(tag: N, ...elements: readonly (S[N] | At<S[N]>)[]): TestStreams<S>;
  /** The watermark of one of the streams moves to an instant before `MAX_INSTANT`, and never back. */
  advanceWatermarkTo(tag: keyof S & string, to: Instant): TestStreams<S>;
  /** One of the streams ends. Where a test does not say so, it ends after the last event of all. */
  advanceWatermarkToInfinity(tag: keyof S & string): TestStreams<S>;
  /** Processing time goes on by so many ms. It starts at 0, and stands still otherwise. */
  advanceProcessingTime(by: Duration): TestStreams<S>;
}

/**
 * A stream for tests of what depends on time: elements, watermark and processing time come as the test says.
 *
 * Shape: `Pipeline` → unbounded `PCollection<T>`. The watermark starts at `MIN_INSTANT`.
 *
 * @param coder - the coder of the elements; the structural one unless given.
 * @throws PipelineError `BAD_TEST_STREAM` for an event that cannot happen: a watermark that goes back, anything after the end of
 * the stream, an element later than the end of the global window; `BAD_ARGUMENT` when processing time would go back.
 *
 * @example
 * ```ts
 * const letters = testStream<string>()
 *   .advanceWatermarkTo(10)
 *   .addElements("a", at(3, "b")) // "a" at 10, "b" at 3, which is late
 *   .advanceProcessingTime(seconds(5))
 *   .advanceWatermarkToInfinity();
 * await directRunner().run((p) => assertThat(p.apply(letters)).containsInAnyOrder(["a", "b"]));
 * ```
 *
 * @see Beam's `TestStream`.
 */
export function testStream<T>(coder?: Coder<T>): TestStream<T> {
  return oneStream({ main: coder }, EventScript.of(["main"]));
}

/**
 * Several streams like that of {@link testStream}, whose events come in one order.
 *
 * Shape: `Pipeline` → an object of an unbounded collection for each tag.
 *
 * @param streams - by tag: `output<T>()`, or `output(coder)`.
 * @throws PipelineError `BAD_NAME` for a tag that is empty; otherwise as {@link testStream}.
 *
 * @example
 * ```ts
 * const streams = testStreams({ letters: output<string>(), numbers: output<number>() })
 *   .advanceWatermarkTo("letters", 5)
 *   .addElements("letters", "a")
 *   .addElements("numbers", at(11, 1));
 * const { letters, numbers } = p.apply(streams); // "a" at 5; 1 at 11
 * ```
 */
export function testStreams<S>(streams: { readonly [N in keyof S]: OutputSpec<S[N]> }): TestStreams<S> {
  const specs = Object.entries(streams as Readonly<Record<string, OutputSpec<unknown>>>);
  const tags = specs.map(([tag]) => tag);
  mustBeTags(tags);
  return severalStreams(Object.fromEntries(specs.map(([tag, { output }]) => [tag, output])), EventScript.of(tags));
}

/** The coders of the streams by tag; the structural one where there is none. */
type Coders = Readonly<Record<string, AnyCoder | undefined>>;
type Collections = Readonly<Record<string, PCollection<never>>>;

/** A transform that plays a script. `onQuiet` is told of each event when all that follows from it is done. */
export const playing = <Out>(
  coders: Coders,
  script: EventScript,
  give: (outputs: Collections) => Out,
  onQuiet?: TestStreamNode["onQuiet"],
): PTransform<Pipeline, Out> =>
  primitiveWith(
    "TestStream",
    () => ({
      spec: { kind: "testStream", events: script.ended().events, ...(onQuiet === undefined ? {} : { onQuiet }) },
      outputs: Object.fromEntries(Object.entries(coders).map(([tag, coder]) => [tag, { coder, isBounded: false }])),
    }),
    give,
  );

function oneStream<T>(coders: Coders, script: EventScript): TestStream<T> {
  const then = (next: EventScript): TestStream<T> => oneStream(coders, next);
  return withMethods(
    playing(coders, script, ({ main }) => main as PCollection<T>),
    {
      addElements: (...elements: readonly (T | At<T>)[]) => then(script.addElements("main", elements)),
      advanceWatermarkTo: (to: Instant) => then(script.advanceWatermarkTo("main", to)),
      advanceWatermarkToInfinity: () => then(script.advanceWatermarkToInfinity("main")),
      advanceProcessingTime: (by: Duration) => then(script.advanceProcessingTime(by)),
    },
  );
}

function severalStreams<S>(coders: Coders, script: EventScript): TestStreams<S> {
  const then = (next: EventScript): TestStreams<S> => severalStreams(coders, next);
  return withMethods(
    playing(coders, script, (outputs) => outputs as { readonly [N in keyof S]: PCollection<S[N]> }),
    {
      addElements: (tag: string, ...elements: readonly unknown[]) => then(script.addElements(tag, elements)),
      advanceWatermarkTo: (tag: string, to: Instant) => then(script.advanceWatermarkTo(tag, to)),
      advanceWatermarkToInfinity: (tag: string) => then(script.advanceWatermarkToInfinity(tag)),
      advanceProcessingTime: (by: Duration) => then(script.advanceProcessingTime(by)),
    },
  );
}

/** A transform is a function, so what it can do besides stands on the function. */
const withMethods = <F extends (...args: never) => unknown, M extends object>(transform: F, methods: M): F & M =>
  Object.freeze(Object.assign(transform, methods));
