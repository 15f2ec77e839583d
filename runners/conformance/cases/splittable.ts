import type { BundleContext } from "../../../sdk/do-fn.ts";
import type { KV, PCollection, Pipeline } from "../../../sdk/pipeline.ts";
import { resume } from "../../../sdk/resume.ts";
import type { OffsetRange } from "../../../sdk/source.ts";
import { seconds } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { output } from "../../../sdk/transforms/par-do.ts";
import { asSingleton } from "../../../sdk/transforms/side-inputs.ts";
import { splittable } from "../../../sdk/transforms/splittable.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { manualWatermark } from "../../../sdk/watermark.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { at, createAt, sums, timed, withTime, withWindow } from "./support.ts";

const words = ["a", "bb", "ccccc"];

const placesIn = (word: string): OffsetRange => ({ from: 0, to: word.length });

const inHalves = ({ from, to }: OffsetRange): readonly OffsetRange[] => {
  const middle = Math.floor((from + to) / 2);
  return [
    { from, to: middle },
    { from: middle, to },
  ];
};

/** Each word with each of its places. */
const places = splittable({
  output: output<KV<string, number>>(),
  restriction: placesIn,
  split: inHalves,
  process(word: string, ctx) {
    for (let i = ctx.restriction.from; ctx.tracker.tryClaim(i); i++) ctx.output([word, i]);
  },
});

/** The same, by a function that goes on later after each of them. */
const placesOneByOne = splittable({
  unbounded: true,
  output: output<KV<string, number>>(),
  restriction: placesIn,
  split: inHalves,
  process(word: string, ctx) {
    const place = ctx.restriction.from;
    if (!ctx.tracker.tryClaim(place)) return undefined;
    ctx.output([word, place]);
    return resume({ after: 0 });
  },
});

const allPlaces = words.flatMap((word) => Array.from(word, (_, i) => [word, i]));

/** Where blocks of numbers begin; whoever claims one gives all of it. */
const blocks = [0, 12, 123, 1_234, 12_345, 34_567, 98_765];

/** The calls of one instance, each checked as it comes: what is thrown fails the run, on whichever thread it is thrown. */
class Life {
  isInBundle = false;
  isOver = false;

  enter(): void {
    if (this.isInBundle || this.isOver) throw new Error("a bundle began in another, or after teardown");
    this.isInBundle = true;
  }

  leave(): void {
    if (!this.isInBundle) throw new Error("a bundle ended that had not begun");
    this.isInBundle = false;
  }

  process(): void {
    if (!this.isInBundle) throw new Error("process was called outside of a bundle");
  }

  end(): void {
    if (this.isInBundle || this.isOver) throw new Error("teardown was called within a bundle, or again");
    this.isOver = true;
  }
}

const sideBefore = (p: Pipeline): PCollection<string> => {
  const side = asSingleton(p.apply("Side", create(["foo"])));
  return p.apply("Main", create([0, 1, 2])).apply(
    splittable({
      sideInputs: { side },
      output: output<string>(),
      restriction: (n: number) => ({ from: n, to: n + 1 }),
      process(_, ctx) {
        for (let i = ctx.restriction.from; ctx.tracker.tryClaim(i); i++) ctx.output(`${ctx.sideInputs.side}:${i}`);
      },
    }),
  );
};

/** Work on an element that is cut into parts: section SDF of the catalogue. */
export const splittableCases = caseModule(import.meta.url, {
  "SDF-01": {
    title: "all positions of all elements are worked on, each once, in halves from the start on",
    build: (p) => p.apply(create(words)).apply(places),
    expected: allPlaces,
  },
  "SDF-01/unbounded": {
    title: "the same where the work may have no end",
    build: (p) => p.apply(create(words)).apply(placesOneByOne),
    expected: allPlaces,
  },
  "SDF-02": {
    title: "what is given out has the time and the windows of its element",
    build: (p) =>
      p
        .apply(createAt([at(0, "a"), at(1_000, "bb"), at(2_000, "ccccc")]))
        .apply(windowInto(slidingWindows(seconds(5), seconds(1))))
        .apply(places)
        .apply(withTime())
        .apply(withWindow()),
    expected: words.flatMap((word, i) =>
      Array.from(word, (_, place) =>
        Array.from({ length: 5 }, (_unused, back) => {
          const start = (i - back) * 1_000;
          return [`[${start},${start + 5_000})`, [i * 1_000, [word, place]]];
        }),
      ).flat(),
    ),
  },
  "SDF-03": {
    title: "work that is put aside after every third claim is neither lost nor repeated",
    build: (p) =>
      p.apply(create(["all"])).apply(
        splittable({
          unbounded: true,
          output: output<number>(),
          restriction: () => ({ from: 0, to: 98_765 }),
          process(_: string, ctx) {
            let claimed = 0;
            for (let block = blocks.findIndex((start) => start >= ctx.restriction.from); ; block++) {
              const start = blocks[block]!;
              if (!ctx.tracker.tryClaim(start)) return undefined;
              for (let n = start; n < blocks[block + 1]!; n++) ctx.output(n);
              if (++claimed === 3) return resume({ after: 0 });
            }
          },
        }),
      ),
    check({ main = [] }) {
      mustEqual(main.length, 98_765, "how many outputs there are");
      mustEqual(new Set(main).size, 98_765, "how many different outputs there are");
    },
  },
  "SDF-04": {
    title: "a side input is read",
    build: sideBefore,
    expected: ["foo:0", "foo:1", "foo:2"],
  },
  "SDF-04/windowed": {
    title: "a side input in windows is read for the window of the element",
    build(p) {
      const side = asSingleton(p.apply("Side", createAt([at(0, "a"), at(4, "b")])).apply(windowInto(fixedWindows(4))));
      const main = p.apply("Main", createAt(timed(0, 1, 2, 3, 4, 5, 6, 7))).apply(windowInto(fixedWindows(2)));
      return main.apply(
        splittable({
          sideInputs: { side },
          output: output<string>(),
          restriction: (n: number) => ({ from: n, to: n + 1 }),
          process(_, ctx) {
            for (let i = ctx.restriction.from; ctx.tracker.tryClaim(i); i++) ctx.output(`${ctx.sideInputs.side}:${i}`);
          },
        }),
      );
    },
    expected: ["a:0", "a:1", "a:2", "a:3", "b:4", "b:5", "b:6", "b:7"],
  },
  "SDF-06": {
    title: "there may be other outputs",
    build: (p) =>
      p.apply(create([0, 1, 2])).apply(
        splittable({
          output: output<string>(),
          outputs: { additional: output<string>() },
          restriction: (n: number) => ({ from: n, to: n + 1 }),
          process(_, ctx) {
            for (let i = ctx.restriction.from; ctx.tracker.tryClaim(i); i++) {
              ctx.output(`main:${i}`);
              ctx.outputs.additional(`additional:${i}`);
            }
          },
        }),
      ),
    expected: {
      main: ["main:0", "main:1", "main:2"],
      additional: ["additional:0", "additional:1", "additional:2"],
    },
  },
  "SDF-07": {
    title: "an instance is set up, works within bundles, and is torn down",
    build: (p) =>
      p.apply(create(["a", "b", "c"])).apply(
        splittable({
          output: output<string>(),
          setup: () => new Life(),
          startBundle: ({ instance }: BundleContext<Life>) => instance.enter(),
          restriction: () => ({ from: 0, to: 1 }),
          process(word: string, ctx) {
            ctx.instance.process();
            if (ctx.tracker.tryClaim(0)) ctx.output(word);
          },
          finishBundle: ({ instance }) => instance.leave(),
          teardown: (instance: Life) => instance.end(),
        }),
      ),
    expected: ["a", "b", "c"],
  },
  "SDF-25": {
    title: "a call that returns before its part is claimed fails the run",
    build: (p) => {
      p.apply(create(["a"])).apply(
        "Half",
        splittable({
          output: output<number>(),
          restriction: () => ({ from: 0, to: 2 }),
          process(_: string, ctx) {
            ctx.tracker.tryClaim(ctx.restriction.from);
          },
        }),
      );
    },
    fails: /RESTRICTION_NOT_DONE[^]*Half[^]*from 1 up to 2/,
  },
  "SDF-31+": {
    title: "what is given out may have times of its own, and the watermark that the work says itself passes none of them",
    build: (p) =>
      p.apply(create(["a"])).pipe(
        splittable({
          unbounded: true,
          output: output<number>(),
          watermark: manualWatermark(),
          restriction: () => ({ from: 0, to: 3 }),
          process(_: string, ctx) {
            const n = ctx.restriction.from;
            if (!ctx.tracker.tryClaim(n)) return undefined;
            ctx.output(n, { timestamp: n * 10 });
            ctx.watermark(n * 10);
            return resume({ after: 0 });
          },
        }),
        windowInto(fixedWindows(10)),
        sums(),
      ),
    expected: ["[0,10) 0 ts9 O(0,0) F Z", "[10,20) 1 ts19 O(0,0) F Z", "[20,30) 2 ts29 O(0,0) F Z"],
  },
});
