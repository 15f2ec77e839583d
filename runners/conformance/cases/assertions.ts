import { sum } from "../../../sdk/combine/sum.ts";
import { kv } from "../../../sdk/pipeline.ts";
import { assertThat } from "../../../sdk/testing/assert-that.ts";
import { at } from "../../../sdk/testing/at.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { combineGlobally } from "../../../sdk/transforms/combine-globally.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { afterCount, afterWatermark } from "../../../sdk/trigger.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { intervalWindow } from "../../../sdk/windows/interval.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { createAt, timed } from "./support.ts";

/** Assertions: section PAS of the catalogue. */
export const assertionCases = caseModule(import.meta.url, {
  "PAS-01": {
    title: "assertions that hold",
    build(p) {
      const one = p.apply("One", create([42]));
      assertThat(one).containsExactlyOneElement(42);
      assertThat(one).satisfies(([value]) => {
        if (value === 44) throw new Error("it is 44");
      });
      assertThat(p.apply("Four", create([1, 2, 3, 4]))).containsInAnyOrder([4, 2, 1, 3]);
      assertThat(p.apply("None", create<number>([]))).isEmpty();
      assertThat(p.apply("Pairs", create([kv("a", 1), kv("b", 2)]))).satisfies((pairs) =>
        mustEqual(new Map(pairs), new Map([kv("b", 2), kv("a", 1)]), "the map"),
      );
    },
    expected: {},
  },
  "PAS-02": {
    title: "one that fails says its reason, what was expected, and what was found",
    build: (p) => assertThat(p.apply(create([42])), "the answer is wrong").containsExactlyOneElement(44),
    fails: /^(?=[^]*the answer is wrong)(?=[^]*expected 44\b)(?=[^]*actual 42\b)/,
  },
  "PAS-02/step": {
    title: "one that fails without a reason names the step that it looked at",
    build: (p) => assertThat(p.apply("Answer", create([42]))).containsExactlyOneElement(44),
    fails: /^(?=[^]*\bAnswer\b)(?=[^]*expected 44\b)(?=[^]*actual 42\b)/,
  },
  "PAS-03": {
    title: "elements that are not there fail the run, and the expected ones are listed",
    build: (p) => assertThat(p.apply(create([1, 2, 3, 4]))).containsInAnyOrder([1, 2, 3, 4, 7]),
    fails: /expected 1, 2, 3, 4, 7\b[^]*missing 7\b/,
  },
  "PAS-03/empty": {
    title: "elements that should not be there fail the run, and nothing is listed as expected",
    build: (p) => assertThat(p.apply(create([0, 1, 2, 3, 4]))).isEmpty(),
    fails: /expected nothing\b[^]*unexpected 0\b/,
  },
  "PAS-04": {
    title: "assertions on windows",
    build(p) {
      const numbers = p.apply(createAt(timed(100, 200, 300, 400))).pipe(
        map((n) => n / 100),
        windowInto(slidingWindows(200, 100, 50)),
      );
      assertThat(numbers).inWindow(intervalWindow(-50, 150)).containsExactlyOneElement(1);
      assertThat(numbers).inWindow(intervalWindow(50, 250)).containsInAnyOrder([1, 2]);
      assertThat(numbers).inWindow(intervalWindow(150, 350)).containsInAnyOrder([2, 3]);
      assertThat(numbers)
        .inWindow(intervalWindow(250, 450))
        .satisfies((all) => mustEqual(all.length, 2, "how many"));
      assertThat(numbers).inWindow(intervalWindow(350, 550)).containsInAnyOrder([4]);
      assertThat(numbers).inWindow(intervalWindow(450, 650)).isEmpty();
    },
    expected: {},
  },
  "PAS-04/global": {
    title: "an assertion on the global window",
    build: (p) =>
      assertThat(p.apply(create(["a", "b"])))
        .inWindow(globalWindow)
        .containsInAnyOrder(["a", "b"]),
    expected: {},
  },
  "PAS-04/fails": {
    title: "one that fails names the window",
    build: (p) =>
      assertThat(p.apply(createAt(timed(1, 11))).apply(windowInto(fixedWindows(10))), "the numbers are wrong")
        .inWindow(intervalWindow(10, 20))
        .containsExactlyOneElement(1),
    fails: /^ASSERTION_FAILED: the numbers are wrong, in the window \[10, 20\)[^]*expected 1\b[^]*actual 11\b/,
  },
  "PAS-05+": {
    title: "assertions on the panes of a window",
    build(p) {
      const sums = p
        .apply(
          testStream<number>()
            .addElements(at(1, 1))
            .addElements(at(2, 2))
            .addElements(at(11, 11))
            .advanceWatermarkTo(12)
            .addElements(at(3, 3))
            .advanceWatermarkTo(13)
            .addElements(at(4, 4)),
        )
        .pipe(
          windowInto(fixedWindows(10), {
            trigger: afterWatermark({ early: afterCount(1), late: afterCount(1) }),
            accumulation: "accumulating",
            allowedLateness: 5,
            closing: "always",
          }),
          combineGlobally(sum(), { defaults: false }),
        );
      const first = intervalWindow(0, 10);
      assertThat(sums).inEarlyPanes(first).containsInAnyOrder([1, 3]);
      assertThat(sums).inOnTimePane(first).containsExactlyOneElement(3);
      assertThat(sums).inLatePanes(first).containsInAnyOrder([6, 10, 10]);
      assertThat(sums).inFinalPane(first).containsExactlyOneElement(10);
      assertThat(sums).inWindow(first).containsInAnyOrder([1, 3, 3, 6, 10, 10]);
    },
    expected: {},
  },
  "PAS-05+/fails": {
    title: "one that fails names the panes",
    build: (p) =>
      assertThat(p.apply(createAt(timed(1, 2))).pipe(windowInto(fixedWindows(10)), combineGlobally(sum(), { defaults: false })))
        .inEarlyPanes(intervalWindow(0, 10))
        .containsExactlyOneElement(3),
    fails: /^ASSERTION_FAILED: [^]*, in the early panes of the window \[0, 10\)[^]*actual nothing\b/,
  },
});
