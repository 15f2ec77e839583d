import { concat, from, lastValueFrom, NEVER as NEVER_ENDING, of, Subject, throwError, toArray, type Observable } from "rxjs";
import { expect, test } from "vitest";
import {
  afterCount,
  collect,
  countPerElement,
  create,
  globalWindows,
  map,
  repeatedly,
  tap,
  windowInto,
  type Collected,
  type PipelineError,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { fromObservable, rxjsRunner, toObservable } from "millrace/runners/rxjs";

test.each([{}, { elementsPerBundle: 1 }])("an observable that completes is read whole, %o", async (cut) => {
  let doubled!: Collected<number>;
  const result = await rxjsRunner(cut).run((p) => {
    doubled = p
      .apply(fromObservable(from([1, 2, 3])))
      .apply(map((n) => n * 2))
      .apply(collect());
  });
  expect(result.collected(doubled)).toEqual([2, 4, 6]);
});

test("what is pushed while the pipeline runs is read, with its time", async () => {
  const pushed = new Subject<number>();
  let times!: Collected<number>;
  const running = rxjsRunner().start((p) => {
    times = p
      .apply(fromObservable(pushed, { timestampOf: (n) => n * 1_000 }))
      .apply(map((_, ctx) => ctx.timestamp))
      .apply(collect());
  });
  // Nobody pushes before the run has subscribed: a Subject forgets what nobody takes.
  await until(() => pushed.observed);
  for (const n of [1, 2]) pushed.next(n);
  pushed.complete();
  expect((await running.done).collected(times)).toEqual([1_000, 2_000]);
});

test("an observable that errors fails the run, and names the step", async () => {
  const broken = concat(
    of(1),
    throwError(() => new Error("line cut")),
  );
  const run = rxjsRunner().run((p) => void p.apply("Feed", fromObservable(broken)));
  await expect(run).rejects.toMatchObject({ code: "READ_FAILED", message: expect.stringMatching(/line cut[^]*Feed/) });
});

test("overflow fails the run, or drops and counts", async () => {
  const many = from(Array.from({ length: 10 }, (_, i) => i));
  await expect(rxjsRunner().run((p) => void p.apply(fromObservable(many, { bufferElements: 4 })))).rejects.toMatchObject({
    code: "OVERFLOW",
  });
  for (const [onOverflow, kept] of [
    ["dropOldest", [6, 7, 8, 9]],
    ["dropNewest", [0, 1, 2, 3]],
  ] as const) {
    let left!: Collected<number>;
    const result = await rxjsRunner().run((p) => {
      left = p.apply(fromObservable(many, { bufferElements: 4, onOverflow })).apply(collect());
    });
    expect(result.collected(left)).toEqual(kept);
    expect(result.metrics({ name: "dropped_overflow" })).toMatchObject([{ committed: 6 }]);
  }
});

test("a collection comes out as an observable that completes with the run", async () => {
  let lengths!: Observable<number>;
  const running = rxjsRunner().start((p) => {
    lengths = p
      .apply(create(["a", "bc"]))
      .apply(map((w) => w.length))
      .apply(toObservable());
  });
  expect(await lastValueFrom(lengths.pipe(toArray()))).toEqual([1, 2]);
  expect((await running.done).state).toBe("DONE");
});

test("an observable errors with the run", async () => {
  let numbers!: Observable<number>;
  const running = rxjsRunner().start((p) => {
    numbers = p
      .apply(create([1]))
      .apply(
        "Fail",
        map((): number => JSON.parse("{")),
      )
      .apply(toObservable());
  });
  const seen = lastValueFrom(numbers).then(
    () => undefined,
    (error: PipelineError) => error,
  );
  await expect(running.done).rejects.toMatchObject({ code: "STEP_FAILED" });
  expect(await seen).toMatchObject({ code: "STEP_FAILED" });
});

test("other runners refuse both by name, before anything runs", async () => {
  await expect(directRunner().run((p) => void p.apply("In", fromObservable(of(1))))).rejects.toMatchObject({
    code: "NOT_SUPPORTED",
    message: expect.stringMatching(/rxjs runner[^]*direct runner[^]*In/),
  });
  await expect(directRunner().run((p) => void p.apply(create([1])).apply("Out", toObservable()))).rejects.toMatchObject({
    code: "NOT_SUPPORTED",
  });
});

test("one that goes on for ever is read until the run is drained, and what came by then is all there", async () => {
  const pushed = new Subject<string>();
  const panes: unknown[] = [];
  const running = rxjsRunner().start((p) => {
    p.apply(fromObservable(pushed, { unbounded: true })).pipe(
      windowInto(globalWindows(), { trigger: repeatedly(afterCount(2)), accumulation: "discarding" }),
      countPerElement(),
      tap((pair) => void panes.push(pair)),
    );
  });
  await until(() => pushed.observed);
  for (const word of ["a", "b", "a"]) pushed.next(word);
  await until(() => panes.length > 0);
  expect(panes).toEqual([["a", 2]]);
  pushed.next("c");
  // What was pushed and is not read yet is lost by a drain: it ends the source.
  await until(() => running.metrics({ name: "elements_out", step: "FromObservable/Read" }).some(({ attempted }) => attempted === 4));
  expect((await running.drain()).state).toBe("DRAINED");
  // The end of the global window has an on-time pane for each key, an empty one too.
  expect(panes.slice(1).map(String).toSorted()).toEqual(["a,0", "b,1", "c,1"]);
  expect(pushed.observed, "nobody listens any more").toBe(false);
});

test("one that goes on for ever ends as DONE where it completes all the same, and fails the run where it errors", async () => {
  expect((await rxjsRunner().run((p) => void p.apply(fromObservable(of(1, 2), { unbounded: true })))).state).toBe("DONE");
  const broken = concat(
    of(1),
    throwError(() => new Error("line cut")),
  );
  const run = rxjsRunner().run((p) => void p.apply("Feed", fromObservable(broken, { unbounded: true })));
  await expect(run).rejects.toMatchObject({ code: "READ_FAILED", message: expect.stringMatching(/line cut[^]*Feed/) });
});

test("event times of one that goes on for ever need a watermark", () => {
  expect(() => fromObservable(of(1), { unbounded: true, timestampOf: (n) => n })).toThrow(/BAD_ARGUMENT[^]*monotonicWatermark/);
});

test("one that is read as bounded and never completes fails the run when its time is over", async () => {
  const run = rxjsRunner().run((p) => void p.apply("Feed", fromObservable(NEVER_ENDING, { timeout: 5 })));
  await expect(run).rejects.toMatchObject({
    code: "TIMED_OUT",
    message: expect.stringMatching(/nothing for 5 ms[^]*Feed|Feed[^]*nothing for 5 ms/),
  });
});

/** Gives the event loop its turn until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
