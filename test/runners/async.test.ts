/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import { describe, expect, test } from "vitest";
import {
  asyncMap,
  collect,
  create,
  fixedWindows,
  generate,
  groupByKey,
  hours,
  keyBy,
  map,
  output,
  parDo,
  reshuffle,
  windowInto,
  withExceptionHandling,
  type Collected,
  type PCollection,
} from "millrace";
import { AsyncRun, Calls } from "../support/async-run.ts";
import { inOrder, localRunners, settled } from "../support/runs.ts";

const asking = (options: Parameters<typeof asyncMap>[1]) => (numbers: PCollection<number>, calls: Calls) =>
  numbers.apply("Ask", asyncMap(calls.call, options));

describe("asyncMap", () => {
  test("works on as many elements at once as it may, and begins another when one is done", async () => {
    const run = new AsyncRun(5, asking({ concurrency: 2 }));
    await settled();
    expect(run.calls.running).toEqual([1, 2]);
    await run.calls.finish(2);
    expect(run.calls.running).toEqual([1, 3]);
    await run.calls.finish(1, 3);
    await run.calls.finish(4, 5);
    expect((await run.running.done).state).toBe("DONE");
    expect(run.out.map(String).toSorted()).toEqual([1, 2, 3, 4, 5].map((n) => `done ${n}`));
    expect(run.calls.started).toEqual([1, 2, 3, 4, 5]);
  });

  test("lets results leave after 10 ms, although others are not there yet", async () => {
    const run = new AsyncRun(3, asking({ concurrency: 3 }));
    await settled();
    await run.calls.finish(3);
    expect(run.out).toEqual([]);
    await run.advance(10);
    expect(run.out).toEqual(["done 3"]);
    await run.calls.finish(1, 2);
    await run.running.done;
    expect(run.out).toEqual(["done 3", "done 1", "done 2"]);
  });

  test("lets results leave when there are 64 of them, whatever the time is", async () => {
    const run = new AsyncRun(70, asking({ concurrency: 70 }));
    await settled();
    await run.calls.finish(...Array.from({ length: 63 }, (_, i) => i + 1));
    expect(run.out).toEqual([]);
    await run.calls.finish(70);
    expect(run.out).toHaveLength(64);
    await run.calls.finish(64, 65, 66, 67, 68, 69);
    await run.running.done;
    expect(new Set(run.out).size).toBe(70);
  });

  test("keeps the order of its elements where it is asked to", async () => {
    const run = new AsyncRun(4, asking({ concurrency: 4, ordered: true }));
    await settled();
    await run.calls.finish(3, 2);
    await run.advance(10);
    expect(run.out).toEqual([]);
    await run.calls.finish(1);
    await run.advance(10);
    expect(run.out).toEqual(["done 1", "done 2", "done 3"]);
    await run.calls.finish(4);
    await run.running.done;
    expect(run.out).toEqual(["done 1", "done 2", "done 3", "done 4"]);
  });

  test("holds back the windows of elements that it is still working on", async () => {
    const run = new AsyncRun(12, (numbers, calls) =>
      numbers
        .apply(windowInto(fixedWindows(5)))
        .apply("Ask", asyncMap(calls.call, { concurrency: 12 }))
        .apply(keyBy(() => "all"))
        .apply("Group", groupByKey())
        .apply(map(([, values], ctx) => [ctx.window.maxTimestamp, [...values].length])),
    );
    await settled();
    await run.calls.finish(1, 2, 3, 4, 10, 11, 12, 5, 6, 7, 9);
    await run.advance(10);
    expect(run.out, "8 holds back its own window and all later ones").toEqual([[4, 4]]);
    await run.calls.finish(8);
    await run.running.done;
    expect(run.out).toEqual([
      [4, 4],
      [9, 5],
      [14, 3],
    ]);
    expect(run.running.metrics({ name: "dropped_late" })).toMatchObject([{ committed: 0 }]);
  });

  test("fails the run with the step and the element of what rejects, and tells the others to stop", async () => {
    const run = new AsyncRun(3, asking({ concurrency: 3 }));
    await settled();
    await run.calls.fail(2);
    await expect(run.running.done).rejects.toMatchObject({
      code: "STEP_FAILED",
      parts: { at: "Ask", got: "the element 2" },
      cause: { message: "cannot take 2" },
    });
    expect([1, 3].map((n) => run.calls.signals.get(n)!.aborted)).toEqual([true, true]);
    expect(run.out).toEqual([]);
  });

  test("fails the run when an element is over time, and tells it to stop", async () => {
    const run = new AsyncRun(2, asking({ concurrency: 2, timeout: 1_000 }));
    await settled();
    await run.calls.finish(1);
    await run.advance(999);
    expect(run.running.state).toBe("RUNNING");
    await run.advance(1);
    await expect(run.running.done).rejects.toMatchObject({ code: "TIMED_OUT", parts: { at: "Ask", got: expect.stringContaining("2") } });
    expect(run.calls.signals.get(2)!.aborted).toBe(true);
    expect(run.calls.signals.get(1)!.aborted).toBe(false);
  });

  test("measures the time of each element from when it is begun", async () => {
    const run = new AsyncRun(2, asking({ concurrency: 1, timeout: 1_000 }));
    await settled();
    await run.advance(900);
    await run.calls.finish(1);
    await run.advance(900);
    await run.calls.finish(2);
    expect((await run.running.done).state).toBe("DONE");
  });

  test.each([1, 3])("wakes up for nothing while %i calls do not come back, as many as it may make at once", async (concurrency) => {
    const run = new AsyncRun(3, asking({ concurrency }));
    await settled();
    for (let i = 0; i < 3; i++) await run.advance(10);
    expect(run.clock.waiting).toEqual([]);
    await run.calls.finish(...Array.from({ length: concurrency }, (_, i) => i + 1));
    await run.calls.finish(...run.calls.running);
    await run.calls.finish(...run.calls.running);
    expect((await run.running.done).state).toBe("DONE");
  });

  test.each(localRunners)("begins with what comes while others are not there yet, on %s", async (_, make) => {
    let isBegun!: (value: string) => void;
    const second = new Promise<string>((resolve) => (isBegun = resolve));
    const answers = collect<string>();
    let handle!: Collected<string>;
    const result = await make({ elementsPerBundle: 1 }).run((p) => {
      handle = p
        .apply(generate({ count: 2 }))
        .apply("Apart", reshuffle())
        .apply(
          "Ask",
          asyncMap(
            async (n) => {
              if (n === 0) return second;
              isBegun("the second has begun");
              return "second";
            },
            { concurrency: 2 },
          ),
        )
        .apply(answers);
    });
    expect(inOrder(result.collected(handle))).toEqual(['"second"', '"the second has begun"']);
  });

  test.each(["skip", "deadLetter"] as const)(
    "does not try again what fails because the run was cancelled, where it would %s",
    async (then) => {
      const run = new AsyncRun(1, (numbers, calls) => {
        const policy = { attempts: 3, backoff: { first: 0 }, then };
        const out: unknown = numbers.apply("Ask", withExceptionHandling(asyncMap(calls.call, { concurrency: 1 }), policy));
        return then === "skip" ? (out as PCollection<string>) : (out as { readonly main: PCollection<string> }).main;
      });
      await settled();
      expect((await run.running.cancel()).state).toBe("CANCELLED");
      await run.advance(0);
      expect(run.calls.started).toEqual([1]);
      expect(run.clock.waiting).toEqual([]);
    },
  );

  test("tells all that it works on to stop when the run is cancelled, and waits for none of them", async () => {
    const run = new AsyncRun(2, asking({ concurrency: 2 }));
    await settled();
    expect((await run.running.cancel()).state).toBe("CANCELLED");
    expect([1, 2].map((n) => run.calls.signals.get(n)!.aborted)).toEqual([true, true]);
  });
});

test.each(["cancelled", "failed"])(
  "an async step leaves no timer behind when the run is %s, since it would keep the process alive",
  async (how) => {
    const others = new Calls();
    const run = new AsyncRun(2, (numbers, calls) => {
      numbers.apply("Other", asyncMap(others.call, { concurrency: 2 }));
      const ask = asyncMap(calls.call, { concurrency: 2, timeout: hours(1) });
      return numbers.apply("Ask", withExceptionHandling(ask, { attempts: 2, backoff: { first: hours(2) }, then: "fail" }));
    });
    await settled();
    await run.calls.fail(1); // it waits for its second attempt, and 2 for the end of its first one
    if (how === "cancelled") await run.running.cancel();
    else await others.fail(1);
    await run.running.done.catch(() => {});
    await settled();
    expect(run.running.state).toBe(how.toUpperCase());
    expect(run.clock.waiting).toEqual([]);
  },
);

describe("a failure policy that waits", () => {
  const again = (backoff: { first: number; factor?: number; most?: number; jitter?: boolean }, attempts = 4) => {
    const tries: number[] = [];
    const run: AsyncRun = new AsyncRun(1, (numbers) =>
      numbers.apply(
        "Ask",
        withExceptionHandling(
          asyncMap(
            async (n: number) => {
              tries.push(run.clock.now());
              throw new Error(`cannot take ${n}`);
            },
            { concurrency: 1 },
          ),
          { attempts, backoff, then: "skip" },
        ),
      ),
    );
    return { run, tries };
  };

  test.each([
    [{ first: 100 }, [0, 100, 300, 700]],
    [{ first: 100, factor: 3 }, [0, 100, 400, 1_300]],
    [{ first: 100, factor: 1 }, [0, 100, 200, 300]],
    [{ first: 100, most: 150 }, [0, 100, 250, 400]],
    // The chance is always one half here, and at most one half is taken off.
    [{ first: 100, jitter: true }, [0, 75, 225, 525]],
  ])("%o tries again at these times", async (backoff, times) => {
    const { run, tries } = again(backoff);
    await settled();
    for (let ms = 0; ms < 1_400; ms++) {
      run.clock.advance(1);
      if (run.clock.waiting.length > 0 && ms % 25 !== 24) continue;
      await settled(4);
    }
    expect(tries).toEqual(times);
    expect((await run.running.done).state).toBe("DONE");
    expect(run.running.metrics({ step: "Ask", name: "skipped" })).toMatchObject([{ committed: 1 }]);
  });

  test("waits for a step that does not wait itself, too", async () => {
    const tries: number[] = [];
    const run: AsyncRun = new AsyncRun(2, (numbers) => {
      const { main, failed } = numbers.apply(
        "Try",
        withExceptionHandling(
          map((n: number) => {
            tries.push(n);
            if (n === 1 && tries.filter((each) => each === 1).length < 2) throw new Error("not yet");
            if (n === 2) throw new Error("never");
            return `done ${n}`;
          }),
          { attempts: 2, backoff: { first: 50 }, then: "deadLetter" },
        ),
      );
      failed.apply(
        "Letters",
        map(({ element, attempts }) => run.out.push([element, attempts])),
      );
      return main;
    });
    await settled();
    for (let i = 0; i < 8; i++) await run.advance(25);
    await run.running.done;
    expect(run.out).toEqual(expect.arrayContaining(["done 1", [2, 2]]));
    expect(run.out).toHaveLength(2);
  });
});

describe.each(localRunners)("an async DoFn on %s", (_, make) => {
  test("has the elements of a bundle all done before the bundle ends, and gives out what it gave out", async () => {
    const events: string[] = [];
    let main!: Collected<number>;
    let other!: Collected<string>;
    const result = await make({ elementsPerBundle: 2 }).run((p) => {
      const outputs = p.apply(create([1, 2, 3])).apply(
        "Do",
        parDo({
          async: true,
          concurrency: 2,
          output: output<number>(),
          outputs: { other: output<string>() },
          async setup() {
            events.push("setup");
            return { factor: 10 };
          },
          async startBundle() {
            events.push("start");
          },
          async process(n: number, ctx) {
            await settled(n === 1 ? 5 : 1);
            ctx.output(n * ctx.instance.factor);
            ctx.outputs.other(`other ${n}`);
            events.push("process");
          },
          async finishBundle() {
            events.push("finish");
          },
          async teardown() {
            events.push("teardown");
          },
        }),
      );
      main = outputs.main.apply("Main", collect());
      other = outputs.other.apply("Other", collect());
    });
    expect(result.collected(main).toSorted((a, b) => a - b)).toEqual([10, 20, 30]);
    expect(result.collected(other).toSorted()).toEqual(["other 1", "other 2", "other 3"]);
    expect(events.join(" ")).toMatch(/^setup (start (process )*finish )+teardown$/);
    expect(events.filter((event) => event === "process")).toHaveLength(3);
  });

  test("drops what it gave out for an element that fails", async () => {
    let main!: Collected<number>;
    const result = await make().run((p) => {
      main = p
        .apply(create([1, 2, 3]))
        .apply(
          "Do",
          withExceptionHandling(
            parDo({
              async: true,
              output: output<number>(),
              async process(n: number, ctx) {
                ctx.output(n);
                await settled(1);
                if (n === 2) throw new Error("cannot go on");
                ctx.output(-n);
              },
            }),
            { then: "skip" },
          ),
        )
        .apply(collect());
    });
    expect(result.collected(main).toSorted((a, b) => a - b)).toEqual([-3, -1, 1, 3]);
  });
});
