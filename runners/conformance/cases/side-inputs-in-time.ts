import { latest } from "../../../sdk/combine/latest.ts";
import { kv, type KV, type PCollection, type Pipeline } from "../../../sdk/pipeline.ts";
import { testStream, testStreams } from "../../../sdk/testing/test-stream.ts";
import { minutes, seconds } from "../../../sdk/time.ts";
import { combineGlobally } from "../../../sdk/transforms/combine-globally.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output } from "../../../sdk/transforms/par-do.ts";
import { asIterable, asList, asMap, asMultimap, asSingleton } from "../../../sdk/transforms/side-inputs.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withWindowing } from "../../../sdk/transforms/with-windowing.ts";
import { afterCount, afterProcessingTime, repeatedly } from "../../../sdk/trigger.ts";
import type { Accumulation } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { at, createAt, sorted, timed, windowText } from "./support.ts";

/** A main stream and a side stream, in which nothing has happened yet. */
const streams = () => testStreams({ main: output<string>(), side: output<number>() });

/** Each main element, with its time, and what the side input holds. */
const withSide = (main: PCollection<string>, side: PCollection<number>) =>
  main.apply(
    "Read",
    map((element, { timestamp, sideInputs }) => [element, timestamp, sorted(sideInputs.side)], { sideInputs: { side: asList(side) } }),
  );

/** Elements of both streams in turn, in windows of 20; the side input fires for each element. */
function inTurn(p: Pipeline, accumulation: Accumulation): PCollection<string> {
  const { main, side } = p.apply(
    streams()
      .advanceWatermarkTo("main", 0)
      .advanceWatermarkTo("side", 0)
      .addElements("main", at(10, "e1"))
      .addElements("side", at(2, 2))
      .addElements("main", at(11, "e2"))
      .addElements("side", at(1, 1))
      .addElements("main", at(12, "e3"))
      .advanceWatermarkToInfinity("main")
      .advanceWatermarkToInfinity("side"),
  );
  const list = asList(side.apply("SideWindows", windowInto(fixedWindows(20), { trigger: repeatedly(afterCount(1)), accumulation })));
  return main
    .apply("MainWindows", windowInto(fixedWindows(20)))
    .apply(map((element, ctx) => `${element}[${sorted(ctx.sideInputs.list).join()}]`, { sideInputs: { list } }));
}

/** Side inputs that come while main elements do: the rest of section SI of the catalogue. */
export const sideInputInTimeCases = caseModule(import.meta.url, {
  "SI-34": {
    title: "an element waits until the window of its side input is complete",
    build(p) {
      const { main, side } = p.apply(
        streams()
          .advanceWatermarkTo("side", 0)
          .advanceWatermarkTo("main", 10)
          .addElements("main", at(10, "e"))
          .addElements("side", at(2, 2))
          .addElements("side", at(1, 1))
          .addElements("side", at(7, 7))
          .addElements("side", at(4, 4))
          .advanceWatermarkToInfinity("main")
          .advanceWatermarkToInfinity("side"),
      );
      return withSide(main.apply("MainWindows", windowInto(fixedWindows(20))), side.apply("SideWindows", windowInto(fixedWindows(20))));
    },
    expected: [["e", 10, [1, 2, 4, 7]]],
  },
  "SI-38": {
    title: "a singleton that is combined from what has come is that of the last pane",
    build(p) {
      const stream = testStreams({ main: output<number>(), side: output<number>() })
        .addElements("side", at(0, 0), at(1, 1))
        .advanceProcessingTime(seconds(1))
        .addElements("side", at(2, 2))
        .addElements("side", at(3, 3))
        .advanceProcessingTime(seconds(1))
        .addElements("main", at(0, 0))
        .advanceWatermarkToInfinity("main")
        .advanceWatermarkToInfinity("side");
      const { main, side } = p.apply(stream);
      const fired = side.apply(
        "SideWindows",
        windowInto(fixedWindows(seconds(1)), { trigger: repeatedly(afterProcessingTime(500)), accumulation: "discarding" }),
      );
      const last = asSingleton(fired.apply(combineGlobally(latest(), { defaults: false })));
      return main
        .apply("MainWindows", windowInto(fixedWindows(seconds(1))))
        .apply(map((_, ctx): KV<string, number> => kv(windowText(ctx.window), ctx.sideInputs.last), { sideInputs: { last } }));
    },
    expected: [["[0,1000)", 3]],
  },
  "SI-39": {
    title: "a side input that ends is read by a stream",
    build: (p) =>
      withSide(
        p.apply("Main", testStream<string>().addElements(at(10, "e")).advanceWatermarkToInfinity()),
        p.apply("Side", createAt(timed(2, 1, 4))),
      ),
    expected: [["e", 10, [1, 2, 4]]],
  },
  "SI-40": {
    title: "a side input that ends is read by a stream, window by window",
    build: (p) =>
      withSide(
        p
          .apply("Main", testStream<string>().addElements(at(2, "a"), at(4, "b")).advanceWatermarkToInfinity())
          .apply("MainWindows", windowInto(fixedWindows(1))),
        p.apply("Side", createAt(timed(2, 1, 4))).apply("SideWindows", windowInto(fixedWindows(2))),
      ).apply(
        "Windows",
        map((read, { window }) => [windowText(window), ...read]),
      ),
    expected: [
      ["[2,3)", "a", 2, [2]],
      ["[4,5)", "b", 4, [4]],
    ],
  },
  "SI-50/accumulating": {
    title: "the first pane opens a side input, and the last one is read: all that has come",
    build: (p) => inTurn(p, "accumulating"),
    expected: ["e1[2]", "e2[2]", "e3[1,2]"],
  },
  "SI-50/discarding": {
    title: "the first pane opens a side input, and the last one is read: what is new in it",
    build: (p) => inTurn(p, "discarding"),
    expected: ["e1[2]", "e2[2]", "e3[1]"],
  },
  "SI-60+": {
    title: "a map that is refreshed has the latest value of each key by event time, then by arrival, as it was at the last refresh",
    build(p) {
      const { main, side } = p.apply(
        testStreams({ main: output<string>(), side: output<KV<object, number>>() })
          .addElements("main", at(0, "waits"))
          .addElements("side", at(5, kv({ x: 1, y: 2 }, 1)), at(3, kv({ y: 2, x: 1 }, 0)), at(1, kv({ x: 2 }, 2)))
          .advanceProcessingTime(minutes(5))
          .addElements("side", at(6, kv({ x: 1, y: 2 }, 3)))
          .addElements("main", at(1, "before"))
          .advanceProcessingTime(minutes(5))
          .addElements("main", at(2, "after"))
          .addElements("side", at(6, kv({ y: 2, x: 1 }, 4)))
          .advanceProcessingTime(minutes(5))
          .addElements("main", at(3, "tie")),
      );
      const prices = asMap(side, { refreshEvery: minutes(5) });
      return main.apply(
        map((name, ctx) => [name, ctx.sideInputs.prices.size, ctx.sideInputs.prices.get({ x: 1, y: 2 })], { sideInputs: { prices } }),
      );
    },
    expected: [
      ["waits", 2, 1],
      ["before", 2, 1],
      ["after", 2, 3],
      ["tie", 2, 4],
    ],
  },
  "SI-61+": {
    title: "a singleton that is refreshed is the latest element of the window",
    build(p) {
      const { main, side } = p.apply(
        streams()
          .addElements("side", at(5, 5), at(4, 4), at(12, 12))
          .advanceProcessingTime(minutes(1))
          .addElements("main", at(1, "a"), at(11, "b"), at(21, "c"))
          .addElements("side", at(6, 6))
          .advanceProcessingTime(minutes(1))
          .addElements("main", at(2, "a later")),
      );
      const last = asSingleton(side.apply("SideWindows", windowInto(fixedWindows(10))), { refreshEvery: minutes(1), default: 0 });
      return main
        .apply("MainWindows", windowInto(fixedWindows(10)))
        .apply(map((name, ctx): KV<string, number> => kv(name, ctx.sideInputs.last), { sideInputs: { last } }));
    },
    expected: [
      ["a", 5],
      ["b", 12],
      ["c", 0],
      ["a later", 6],
    ],
  },
  "SI-62+": {
    title: "lists and multimaps that are refreshed have all that has come, whatever the trigger of their collection",
    build(p) {
      const { main, side } = p.apply(
        testStreams({ main: output<string>(), side: output<KV<string, number>>() })
          .addElements("side", at(1, kv("a", 1)), at(2, kv("a", 2)))
          .advanceProcessingTime(minutes(1))
          .addElements("main", at(1, "first"))
          .addElements("side", at(3, kv("b", 3)))
          .advanceProcessingTime(minutes(1))
          .addElements("main", at(2, "second")),
      );
      const often = side.apply(withWindowing({ trigger: repeatedly(afterCount(1)), accumulation: "discarding" }));
      const sideInputs = {
        list: asList(often, { refreshEvery: minutes(1) }),
        all: asIterable(often, { refreshEvery: minutes(1) }),
        byKey: asMultimap(often, { refreshEvery: minutes(1) }),
      };
      return main.apply(
        map(
          (name, { sideInputs: { list, all, byKey } }) => [
            name,
            sorted(list.map(([, n]) => n)),
            sorted(Array.from(all, ([, n]) => n)),
            Array.from(byKey, ([key, numbers]) => `${key}: ${sorted(numbers).join()}`),
          ],
          { sideInputs },
        ),
      );
    },
    expected: [
      ["first", [1, 2], [1, 2], ["a: 1,2"]],
      ["second", [1, 2, 3], [1, 2, 3], ["a: 1,2", "b: 3"]],
    ],
  },
  "SI-63+": {
    title: "an element whose side window no open window has any more is dropped and counted; one whose side input is global is not",
    build(p) {
      const { main, side } = p.apply(
        streams()
          .addElements("side", at(5, 5), at(15, 15), at(25, 25), at(35, 35))
          .advanceWatermarkToInfinity("side")
          .advanceWatermarkTo("main", 20)
          .addElements("main", at(5, "late"))
          .addElements("main", at(15, "late too"))
          .addElements("main", at(25, "in time")),
      );
      const tens = asList(side.apply("SideWindows", windowInto(fixedWindows(10))));
      const all = asList(side.apply(withWindowing({ trigger: repeatedly(afterCount(1)), accumulation: "accumulating" })));
      const windows = main.apply("MainWindows", windowInto(fixedWindows(10)));
      const open = main.apply("Open", windowInto(fixedWindows(10), { allowedLateness: 10, accumulation: "discarding" }));
      const longer = main.apply("Longer", windowInto(slidingWindows(20, 10)));
      return {
        tens: windows.apply(
          "Tens",
          map((name, ctx) => `${name} ${ctx.sideInputs.tens.join()}`, { sideInputs: { tens } }),
        ),
        open: open.apply(
          "OpenTens",
          map((name, ctx) => `${name} ${ctx.sideInputs.tens.join()}`, { sideInputs: { tens } }),
        ),
        longer: longer.apply(
          "LongerTens",
          map((name, ctx) => `${name} ${windowText(ctx.window)} ${ctx.sideInputs.tens.join()}`, { sideInputs: { tens } }),
        ),
        all: windows.apply(
          "All",
          map((name, ctx) => `${name} ${ctx.sideInputs.all.length}`, { sideInputs: { all } }),
        ),
      };
    },
    expected: {
      tens: ["in time 25"],
      open: ["late too 15", "in time 25"],
      // A main window belongs to the side window that it ends in.
      longer: ["late too [10,30) 25", "in time [10,30) 25", "in time [20,40) 35"],
      all: ["late 4", "late too 4", "in time 4"],
    },
    check(_, result) {
      const dropped = result
        .metrics({ name: "dropped_late", kind: "counter" })
        .filter(({ committed }) => committed > 0)
        .map(({ step, committed }) => `${step} ${committed}`);
      // "late" has two longer windows, and of those of "late too" one is over.
      mustEqual(dropped.toSorted(), ["LongerTens 3", "OpenTens 1", "Tens 2"], "what was dropped");
      const [{ committed: sample } = { committed: new Set() }] = result.metrics({ step: "Tens", name: "late_sample", kind: "stringSet" });
      mustEqual(
        [...sample],
        ['1. element "late" in [0, 10), 11 ms late', '2. element "late too" in [10, 20), 1 ms late'],
        "the description of what was dropped",
      );
    },
  },
});
