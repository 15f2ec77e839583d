import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  asList,
  asSingleton,
  combineGlobally,
  create,
  map,
  output,
  parDo,
  reshuffle,
  type CombineContext,
  type ElementContext,
  type Pipeline,
  type PipelineResult,
  type Runner,
} from "millrace";
import { threadsRunner } from "millrace/runners/threads";
import { failureOfRun, inOrder, localRunners, ownFolder, runners, settled } from "../support/runs.ts";
import sideInputs, { collected, MANY } from "./pipelines/side-inputs.ts";

const run = (runner: Runner, scenario: string, path = ""): Promise<PipelineResult> => runner.run(sideInputs, { scenario, path });

async function outputsOf(runner: Runner, scenario: string, path = ""): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const result = await run(runner, scenario, path);
  return Object.fromEntries(Object.entries(collected()).map(([name, handle]) => [name, result.collected(handle)]));
}

const several: readonly (readonly [name: string, runner: Runner])[] = [
  ...runners.map(([name, make]) => [name, make()] as const),
  ["directRunner, one element per bundle", runners[0]![1]({ elementsPerBundle: 1, partitions: 3 })],
  ["threadsRunner with 2 threads", threadsRunner({ threads: 2 })],
  ["threadsRunner with 4 threads", threadsRunner({ threads: 4 })],
];

describe.each(several)("on %s", (name, runner) => {
  const isSlow = name.includes("one element");

  test("a collection is its own side input", async () => {
    expect(await outputsOf(runner, "its own side input")).toEqual({ main: [9] });
  });

  test.skipIf(isSlow)("so is one with more elements than may wait in a run", async () => {
    expect(await outputsOf(runner, "its own side input, and many")).toEqual({ main: [MANY ** 2] });
  });

  test.skipIf(isSlow)("so is one that is read from a file", async () => {
    const path = join(ownFolder(), "lines.txt");
    appendFileSync(path, "x\n".repeat(MANY));
    expect(await outputsOf(runner, "its own side input, from a file", path)).toEqual({ main: [MANY ** 2] });
  });

  test.skipIf(isSlow)("more elements than may wait, of another source, do not keep the side input from being read", async () => {
    expect(inOrder((await outputsOf(runner, "many beside many from another source"))["main"]!)).toEqual(["0", "100000", "200000"]);
  });

  test("main and side input come from one source", async () => {
    const squares = Array.from({ length: 500 }, (_, i) => (2 * i) ** 2).reduce((a, b) => a + b, 0);
    expect(await outputsOf(runner, "main and side from one source")).toEqual({ main: [squares] });
  });

  test("side inputs follow one another", async () => {
    // 1 + 2 is 3; 4 + 5 is 9; 10 + 11 is 21.
    expect(inOrder((await outputsOf(runner, "a chain"))["main"]!)).toEqual(["22", "23"]);
  });

  test("two steps read one view", async () => {
    const { once, twice, apart } = await outputsOf(runner, "two steps read one view");
    expect([inOrder(once!), inOrder(twice!), inOrder(apart!)]).toEqual([
      ["16", "26"],
      ["22", "32"],
      ["16", "26"],
    ]);
  });

  test("sliding windows go on one by one, as their side inputs become ready", async () => {
    expect(await outputsOf(runner, "sliding windows that become ready one by one")).toEqual({ main: ["x [0,20) 2", "x [10,30) 3"] });
  });

  test("an element waits for all of its side inputs", async () => {
    expect((await outputsOf(runner, "several views that are not ready"))["main"]).toEqual(["x 1 20", "y 2 30"]);
  });

  test("what waits holds the watermark", async () => {
    expect(await outputsOf(runner, "what waits holds the watermark")).toEqual({
      main: ["early 1 [0,10) ON_TIME", "later  [100,110) ON_TIME"],
    });
  });

  test("async DoFns read them", async () => {
    expect(inOrder((await outputsOf(runner, "an async DoFn"))["main"]!)).toEqual(["2", "20", "30"]);
    expect(await outputsOf(runner, "an async DoFn in windows")).toEqual({ main: ["x [0,20) 2"] });
  });

  test("steps with a failure policy read them", async () => {
    expect(inOrder((await outputsOf(runner, "a step that is tried again"))["main"]!)).toEqual(["2", "4", "6"]);
    const { main, failed } = await outputsOf(runner, "a step with dead letters");
    expect([inOrder(main!), failed]).toEqual([["1", "2"], ["3 too much"]]);
  });

  test("DoFns with state read them", async () => {
    const { main } = await outputsOf(runner, "a DoFn with state");
    expect(inOrder(main!)).toEqual(['["a",1]', '["a",2]', '["a",3]', '["b",100]']);
  });

  test("maps and multimaps have keys that are built of others, and tell them apart as grouping does", async () => {
    const { main, entries } = await outputsOf(runner, "structured keys");
    expect(main).toEqual([
      ...["a", "b", "c", "d", "e", "f"].map((value) => [true, value, value]),
      [false, undefined, ""],
      [false, undefined, ""],
    ]);
    expect(entries).toHaveLength(1);
    const [[size, keys, values, ...counts]] = entries as readonly [readonly unknown[]];
    expect([size, (values as string).split(",").toSorted().join(), ...counts]).toEqual([6, "a,b,c,d,e,f", 6, 6]);
    expect(keys).toContainEqual({ x: 1, y: [1, 2] });
  });

  test("combines read them", async () => {
    const total = (10 * 9_999 * 10_000) / 2;
    expect(await outputsOf(runner, "a combine")).toEqual({ all: [total], spread: [total], byKey: [total] });
  });

  test("every thread has them", async () => {
    const { threads } = await outputsOf(runner, "everywhere");
    const counts: Record<string, number> = {};
    const seen = new Set<string>();
    for (const [each, n] of threads as readonly (readonly [string, number])[]) {
      const [value, thread] = each.split(" ") as [string, string];
      counts[value] = (counts[value] ?? 0) + n;
      seen.add(thread);
    }
    expect(counts).toEqual({ a: 6_667, b: 6_667, c: 6_666 });
    expect(seen.size).toBe(Number(/with (\d)/.exec(name)?.[1] ?? 1));
  });

  test("an error of a read names the step, the side input and the window", async () => {
    expect(await failureOfRun(run(runner, "an error"))).toMatchObject({
      code: "SINGLETON_NOT_SINGLE",
      parts: {
        at: "Check",
        what: expect.stringMatching(/^the side input "limit" \(AsSingleton\/View\) in the window that ends at 9: /),
        got: expect.stringContaining("2 elements"),
      },
    });
  });

  test("two values of a key are an error of the map that is read", async () => {
    expect(await failureOfRun(run(runner, "two values of a key"))).toMatchObject({
      code: "DUPLICATE_KEY",
      parts: { at: "Greet", what: expect.stringContaining('the side input "names"'), got: expect.stringMatching(/id\W+1/) },
    });
  });

  test("an element that is no pair is an error of the map that is read", async () => {
    expect(await failureOfRun(run(runner, "no pairs"))).toMatchObject({
      code: "NOT_A_PAIR",
      parts: { at: "Greet", what: expect.stringContaining('the side input "names"') },
    });
  });
});

function whatIsThrown(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

describe.each(localRunners)("what reads side inputs is valid during its call, on %s", (_, make) => {
  /** Fails with what reading after the call throws. */
  const readAfter = async (build: (p: Pipeline, keep: (read: () => unknown) => void) => void): Promise<unknown> => {
    let kept!: () => unknown;
    await make().run((p) => build(p, (read) => (kept = read)));
    return kept;
  };
  const expired = (step: string) => expect.objectContaining({ code: "CONTEXT_EXPIRED", message: expect.stringContaining(`"${step}"`) });

  test("of a function, also in a later step", async () => {
    let later: unknown;
    const read = await readAfter((p, keep) => {
      const side = asSingleton(p.apply("Side", create([1])));
      let kept!: () => unknown;
      p.apply("Main", create([2]))
        .apply(
          "Read",
          map(
            (n, { sideInputs: own }: ElementContext<{ side: number }>) => {
              keep((kept = () => own.side));
              return n + own.side;
            },
            { sideInputs: { side } },
          ),
        )
        .apply(reshuffle())
        .apply(map(() => (later = whatIsThrown(kept))));
    });
    expect(read).toThrow(expired("Read"));
    expect(later).toEqual(expired("Read"));
  });

  test("of an async DoFn, also while another element is worked on", async () => {
    let meanwhile: unknown;
    const read = await readAfter((p, keep) => {
      const side = asSingleton(p.apply("Side", create([1])));
      let kept!: () => unknown;
      p.apply("Main", create([2, 3])).apply(
        "Read",
        parDo({
          async: true,
          sideInputs: { side },
          output: output<number>(),
          async process(n, { sideInputs: own, output: give }) {
            give(n + own.side);
            if (n === 2) keep((kept = () => own.side));
            await settled(n);
            if (n === 3) meanwhile = whatIsThrown(kept);
          },
        }),
      );
    });
    expect(read).toThrow(expired("Read"));
    expect(meanwhile).toEqual(expired("Read"));
  });

  test("of a combiner, also in the step behind it", async () => {
    let during: unknown;
    const read = await readAfter((p, keep) => {
      const side = asList(p.apply("Side", create([1])));
      let kept!: () => unknown;
      const summed = {
        name: "summed",
        create: () => 0,
        add(total: number, n: number, { sideInputs: own }: CombineContext<{ side: readonly number[] }>) {
          kept = () => own.side;
          keep(kept);
          return total + n + own.side.length;
        },
        merge: (a: number, b: number) => a + b,
        extract: (total: number) => total,
      };
      p.apply("Main", create([2, 3]))
        .apply("Sum", combineGlobally(summed, { sideInputs: { side } }))
        .apply(
          map((total) => {
            during = whatIsThrown(kept);
            return total;
          }),
        );
    });
    expect(read).toThrow(expired("Sum/CombinePerKey(summed)"));
    expect(during).toMatchObject({ code: "CONTEXT_EXPIRED" });
  });
});
