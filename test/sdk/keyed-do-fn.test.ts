import { expect, test } from "vitest";
import { create, keyBy, parDo, valueState, withExceptionHandling, type Pipeline } from "millrace";
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
