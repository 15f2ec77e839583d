/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  combinePerKey,
  create,
  fixedWindows,
  flatMap,
  globalWindow,
  groupByKey,
  keyBy,
  map,
  output,
  parDo,
  reshuffle,
  slidingWindows,
  windowInto,
  withExceptionHandling,
  type CombineFn,
  type Pipeline,
  type WindowFn,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { collectedBy, inOrder } from "../support/runs.ts";

describe.each([
  ["generated", true],
  ["linked", false],
])("steps that are %s", (_, generatesCode) => {
  const runner = directRunner({ generatesCode });

  test("may be a flatMap that looks at its context", async () => {
    const found = await collectedBy(runner, (p) =>
      p.apply(create([1, 2], { timestampOf: (n) => n })).apply(flatMap((n, ctx) => [n, ctx.timestamp * 10])),
    );
    expect(found).toEqual([1, 10, 2, 20]);
  });

  test("may be a flatMap behind a keyBy", async () => {
    const found = await collectedBy(runner, (p) =>
      p
        .apply(create([1, 2]))
        .apply(keyBy((n) => `k${n}`))
        .apply(flatMap(([key, n]) => [key, n])),
    );
    expect(found).toEqual(["k1", 1, "k2", 2]);
  });

  test("give a function that looks at its context the element that came, in each of its windows", async () => {
    const found = await collectedBy(runner, (p) =>
      p.apply(create([1], { timestampOf: () => 7 })).pipe(
        windowInto(slidingWindows(10, 5)),
        map((n, { window }) => `${n} until ${window.maxTimestamp}`),
      ),
    );
    expect(inOrder(found)).toEqual(['"1 until 14"', '"1 until 9"']);
  });

  test("name the element that a function gave a promise for", async () => {
    const run = runner.run((p) => {
      p.apply(create(["a"])).pipe(
        map((x) => `${x}!`),
        map((x) => Promise.resolve(x) as unknown),
      );
    });
    await expect(run).rejects.toMatchObject({ code: "ASYNC_STEP", parts: { got: '"a!"' } });
  });

  test.each([
    ["that share their time", {}],
    ["with times of their own", { timestampOf: (n: number) => n }],
  ])("may put pairs %s into windows", async (__, options) => {
    const keyed = (p: Pipeline) =>
      p.apply(create([1, 2], options)).pipe(
        keyBy((n) => n % 2),
        windowInto(fixedWindows(10)),
      );
    expect(inOrder(await collectedBy(runner, keyed))).toEqual(["[0,2]", "[1,1]"]);
    const groups = await collectedBy(runner, (p) =>
      keyed(p).pipe(
        groupByKey(),
        map(([key, values]) => [key, ...values]),
      ),
    );
    expect(inOrder(groups)).toEqual(["[0,2]", "[1,1]"]);
  });

  test("blame the step that failed first, whatever a DoFn before it makes of that", async () => {
    const run = (process: (give: (x: string) => void) => void) =>
      runner.run((p) => {
        p.apply(create(["a"]))
          .apply("Before", parDo({ output: output<string>(), process: (__, ctx) => process((x) => ctx.output(x)) }))
          .apply(
            "Fails",
            map((x) => {
              if (x === "bad") throw new Error("cannot take it");
              return x;
            }),
          );
      });
    const blamed = { code: "STEP_FAILED", parts: { at: "Fails", got: 'the element "bad"' }, cause: { message: "cannot take it" } };
    const swallow = (call: () => void): void => {
      try {
        call();
      } catch {
        // as user code may do
      }
    };
    await expect(run((give) => swallow(() => give("bad")))).rejects.toMatchObject(blamed);
    await expect(
      run((give) => {
        swallow(() => give("bad"));
        give("good");
      }),
    ).rejects.toMatchObject(blamed);
    await expect(
      run((give) => {
        try {
          give("bad");
        } catch (cause) {
          throw new Error("something else", { cause });
        }
      }),
    ).rejects.toMatchObject(blamed);
  });

  test("fail a bundle whose finishBundle catches what giving out an element throws", async () => {
    const run = runner.run((p) => {
      p.apply(create(["a"]))
        .apply(
          "Before",
          parDo({
            output: output<string>(),
            process() {},
            finishBundle(ctx) {
              try {
                ctx.output("x", { timestamp: 0, window: globalWindow });
              } catch {
                // as user code may do
              }
            },
          }),
        )
        .apply(
          "Fails",
          map(() => {
            throw new Error("cannot take it");
          }),
        );
    });
    await expect(run).rejects.toMatchObject({ code: "STEP_FAILED", parts: { at: "Fails" } });
  });

  test("name the step that cannot take what finishBundle gives out", async () => {
    const run = runner.run((p) => {
      p.apply(create(["a"]))
        .apply(
          "Before",
          parDo({
            output: output<string>(),
            process() {},
            finishBundle: (ctx) => ctx.output("last", { timestamp: 0, window: globalWindow }),
          }),
        )
        .apply(
          "Fails",
          map(() => {
            throw new Error("cannot take it");
          }),
        );
    });
    await expect(run).rejects.toMatchObject({ parts: { at: "Fails", got: 'the element "last"' }, cause: { message: "cannot take it" } });
  });

  test("give out what the finishBundle of a DoFn with a failure policy gives out", async () => {
    const doFn = parDo({
      output: output<string>(),
      process: (x: string, ctx) => ctx.output(x),
      finishBundle: (ctx) => ctx.output("last", { timestamp: 0, window: globalWindow }),
    });
    const found = await collectedBy(runner, (p) => p.apply(create(["a", "b"])).apply(withExceptionHandling(doFn, { then: "skip" })));
    expect(found).toEqual(["a", "b", "last"]);
  });

  test("LIFE-09 end a bundle for each DoFn before those that read what it gives out", async () => {
    const calls: string[] = [];
    const doFn = (name: string) =>
      parDo({
        output: output<string>(),
        startBundle: () => void calls.push(`${name} starts`),
        process(text: string, ctx) {
          calls.push(`${name} takes ${text}`);
          ctx.output(text);
        },
        finishBundle(ctx) {
          calls.push(`${name} finishes`);
          ctx.output(`last of ${name}`, { timestamp: 0, window: globalWindow });
        },
      });
    await collectedBy(runner, (p) =>
      p
        .apply(create(["x"]))
        .apply("A", doFn("A"))
        .apply("B", doFn("B")),
    );
    expect(calls.slice(2)).toEqual(["A takes x", "B takes x", "A finishes", "B takes last of A", "B finishes"]);
    expect(new Set(calls.slice(0, 2))).toEqual(new Set(["A starts", "B starts"]));
  });

  test("keep what an async finishBundle gives out although other bundles have come in between", async () => {
    let finished = 0;
    const found = await collectedBy(directRunner({ generatesCode, partitions: 2, elementsPerBundle: 1 }), (p) =>
      p
        .apply(create([1, 2, 3, 4]))
        .apply(flatMap((n) => [n, -n]))
        .apply(reshuffle())
        .apply(
          parDo({
            output: output<number>(),
            process() {},
            async finishBundle(ctx) {
              const mine = ++finished;
              // The first one waits until those of the other partition are long over.
              if (mine === 1) for (let i = 0; i < 30; i++) await setImmediate();
              ctx.output(mine, { timestamp: 0, window: globalWindow });
            },
          }),
        ),
    );
    expect(finished).toBe(8);
    expect(inOrder(found)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });
});

describe("what users write as classes keeps its this:", () => {
  test("a combiner", async () => {
    class Sum implements CombineFn<number, number, number> {
      readonly name = "sum";
      readonly factor = 1;
      create(): number {
        return 0 * this.factor;
      }
      add(total: number, n: number): number {
        return total + n * this.factor;
      }
      merge(a: number, b: number): number {
        return a + b;
      }
      extract(total: number): number {
        return total * this.factor;
      }
    }
    const found = await collectedBy(directRunner(), (p) =>
      p.apply(create([["a", 1] as const, ["a", 2] as const])).apply(combinePerKey(new Sum())),
    );
    expect(found).toEqual([["a", 3]]);
  });

  test("a window function", async () => {
    class Tens {
      readonly name = "tens";
      readonly windows = fixedWindows(10);
      readonly windowCoder = this.windows.windowCoder;
      assign(element: Parameters<WindowFn["assign"]>[0]) {
        return this.windows.assign(element);
      }
      isCompatible(): boolean {
        return false;
      }
    }
    const found = await collectedBy(directRunner(), (p) => p.apply(create([1, 2])).apply(windowInto(new Tens())));
    expect(found).toEqual([1, 2]);
  });
});
