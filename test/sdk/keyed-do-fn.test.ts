import { expect, test } from "vitest";
import { create, eventTimer, keyBy, parDo, ptransform, valueState, withExceptionHandling, type Pipeline } from "millrace";
import { buildGraph } from "../../runners/core/build-graph.ts";

const keyed = (p: Pipeline) => p.apply(create([1, 2])).apply(keyBy((n) => n));

test("a DoFn with state is not async", () => {
  const build = (p: Pipeline) =>
    void keyed(p).apply("Count", parDo({ async: true, state: { seen: valueState<number>() }, process: () => Promise.resolve() }));
  expect(() => buildGraph(build)).toThrow(/^NOT_SUPPORTED: a DoFn that is async has state or timers/);
});

test("a DoFn with state does not wait between attempts", () => {
  const count = parDo({
    state: { seen: valueState<number>() },
    process: (pair: readonly [number, number], ctx) => ctx.state.seen.write(pair[1]),
  });
  const guarded = (policy: Parameters<typeof withExceptionHandling>[1]) => (p: Pipeline) =>
    void keyed(p).apply("Count", withExceptionHandling(count, policy));
  expect(() => buildGraph(guarded({ attempts: 2, backoff: { first: 10 }, then: "skip" }))).toThrow(
    /^NOT_SUPPORTED: a step with state or timers is to wait between its attempts.* at "Count"/,
  );
  expect(() => buildGraph(guarded({ attempts: 2, then: "skip" }))).not.toThrow();
});

test.each([
  [
    "no callbacks",
    undefined,
    /^TIMER_WITHOUT_CALLBACK: the timer "flush" has no callback.* at "Batches\/Buffer"\.\n {2}got: no callbacks at all/,
  ],
  [
    "another one",
    { flsh() {} },
    /^TIMER_WITHOUT_CALLBACK: the timer "flush" has no callback.* at "Batches\/Buffer"\.\n {2}got: callbacks for flsh/,
  ],
  ["no function", { flush: 7 }, /^TIMER_WITHOUT_CALLBACK: the timer "flush" has no callback.* at "Batches\/Buffer"/],
  ["one too many", { flush() {}, flsh() {} }, /^BAD_ARGUMENT: the callback "flsh" in onTimer answers no timer at "Batches\/Buffer"/],
])("timers and callbacks answer each other, or the step is named: %s", (_, onTimer, message) => {
  const buffer = parDo({ timers: { flush: eventTimer() }, process() {}, onTimer } as never);
  const batches = ptransform("Batches", (input: ReturnType<typeof keyed>) => input.apply("Buffer", buffer as never));
  expect(() => buildGraph((p) => void keyed(p).apply(batches))).toThrow(message);
});
