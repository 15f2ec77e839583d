import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { PipelineError, type MetricResult } from "millrace";
import { jsonView } from "../../runners/cli/view/json-view.ts";
import { liveView } from "../../runners/cli/view/live-view.ts";
import { grouped, timeText } from "../../runners/cli/view/numbers.ts";
import { plainView } from "../../runners/cli/view/plain-view.ts";
import { progressBetween, stepCounts, type Sample } from "../../runners/cli/view/progress.ts";
import { Screen } from "../../runners/cli/view/screen.ts";
import { tableOf } from "../../runners/cli/view/table.ts";

const counter = (step: string, name: string, committed: number, namespace = step): MetricResult<"counter"> => ({
  step,
  namespace,
  name,
  kind: "counter",
  attempted: committed + 1,
  committed,
});

test("a step's counts are those of its bundles that succeeded", () => {
  const metrics = [
    counter("Read", "elements_in", 1),
    counter("Read", "elements_out", 10),
    counter("Words", "elements_in", 10),
    counter("Words", "dropped_late", 3),
    counter("Words", "elements_in", 99, "a namespace of the user's"),
    counter("Words", "elements_out", 70),
  ];
  expect(stepCounts(metrics)).toEqual([
    { path: "Read", in: 1, out: 10 },
    { path: "Words", in: 10, out: 70 },
  ]);
});

const sample = (at: number, ...steps: [path: string, taken: number, out: number][]): Sample => ({
  at,
  steps: steps.map(([path, taken, out]) => ({ path, in: taken, out })),
});

test("a step's pace is what it took or gave since the sample before, whichever is more", () => {
  const before = sample(1_000, ["Read", 1, 100], ["Write", 50, 0]);
  const now = sample(3_000, ["Read", 1, 700], ["Write", 450, 0], ["Late", 8, 4]);
  expect(progressBetween(before, now).map(({ path, perSecond }) => [path, perSecond])).toEqual([
    ["Read", 300],
    ["Write", 200],
    ["Late", 4],
  ]);
});

test("in no time there is no pace", () => {
  expect(progressBetween(sample(5, ["Read", 0, 0]), sample(5, ["Read", 1, 1]))[0]!.perSecond).toBe(0);
});

const steps = progressBetween(
  sample(0),
  sample(
    2_000,
    ["Read/Impulse", 0, 1],
    ["Read/Read", 135, 21_000],
    ["Count", 21_000, 900],
    ["Count/KeyBy", 21_000, 21_000],
    ["Count/Sum/Group", 21_000, 900],
    ["Write", 900, 0],
  ),
);

describe("the table", () => {
  test("has a line for each step, below the composites it is part of", () => {
    expect(tableOf(steps)).toEqual([
      "step           in     out  per second",
      "Read",
      "  Impulse       0       1           1",
      "  Read        135  21,000      10,500",
      "Count      21,000     900      10,500",
      "  KeyBy    21,000  21,000      10,500",
      "  Sum",
      "    Group  21,000     900      10,500",
      "Write         900       0         450",
    ]);
  });

  test("is cut where the terminal ends", () => {
    expect(tableOf(steps, 4)).toEqual(["step       in  out  per second", "Read", "  Impulse   0    1           1", "… 6 more lines"]);
    expect(tableOf(steps, 9)).toEqual(tableOf(steps));
    expect(tableOf(steps, 1)).toEqual(["… 9 more lines"]);
  });

  test("of a run that has not started is its heading", () => {
    expect(tableOf([])).toEqual(["step  in  out  per second"]);
  });
});

const moments: readonly Sample[] = [
  sample(5_000, ["Read", 1, 1_000_000], ["Write", 10, 0]),
  sample(10_000, ["Read", 1, 1_000_000], ["Write", 5_010, 0]),
  sample(15_000, ["Read", 1, 1_000_000], ["Write", 5_010, 0]),
];
const end = sample(20_000, ["Read", 1, 1_000_000], ["Write", 10_000, 1]);

test("plain lines name the busiest step while the run goes on, and all of them at its end", () => {
  const lines: string[] = [];
  const view = plainView((line) => lines.push(line));
  moments.forEach(view.update);
  view.end(end, { pipeline: "visits", state: "DONE" });
  expect(lines).toEqual([
    "5.0 s: Read: 1 in, 1,000,000 out, 200,000 per second",
    "10 s: Write: 5,010 in, 0 out, 1,000 per second",
    "15 s: nothing moves",
    "Read: 1 in, 1,000,000 out, 50,000 per second",
    "Write: 10,000 in, 1 out, 500 per second",
    "visits: done in 20 s",
  ]);
});

test("JSON lines hold the counts while the run goes on, and the result at its end", () => {
  const lines: unknown[] = [];
  const view = jsonView((line) => lines.push(JSON.parse(line)));
  view.update(moments[0]!);
  view.end(end, { pipeline: "visits", state: "CANCELLED" });
  expect(lines).toEqual([
    {
      event: "progress",
      seconds: 5,
      steps: [
        { step: "Read", in: 1, out: 1_000_000, perSecond: 200_000 },
        { step: "Write", in: 10, out: 0, perSecond: 2 },
      ],
    },
    {
      event: "result",
      pipeline: "visits",
      state: "CANCELLED",
      seconds: 20,
      steps: [
        { step: "Read", in: 1, out: 1_000_000, perSecond: 50_000 },
        { step: "Write", in: 10_000, out: 1, perSecond: 500 },
      ],
    },
  ]);
});

test("the JSON line of a failure holds the parts of the error", () => {
  const lines: unknown[] = [];
  const cause = new RangeError("too large");
  const error = new PipelineError("STEP_FAILED", { what: "a step failed", at: "Words", got: '"a"', cause });
  jsonView((line) => lines.push(JSON.parse(line))).end(sample(1_234), { pipeline: "visits", state: "FAILED", error });
  expect(lines).toEqual([
    {
      event: "result",
      pipeline: "visits",
      state: "FAILED",
      error: {
        code: "STEP_FAILED",
        what: "a step failed",
        at: "Words",
        got: '"a"',
        cause: { name: "RangeError", message: "too large", stack: cause.stack },
      },
      seconds: 1.234,
      steps: [],
    },
  ]);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1_000, "1,000"],
  [1_234_567, "1,234,567"],
])("%d is written as %s", (count, text) => {
  expect(grouped(count)).toBe(text);
});

test.each([
  [0, "0.0 s"],
  [1_849, "1.8 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_400, "59 s"],
  [59_600, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [3_599_900, "1 h 00 min"],
  [7_500_000, "2 h 05 min"],
])("%d ms are written as %s", (ms, text) => {
  expect(timeText(ms)).toBe(text);
});

describe("the screen", () => {
  /** A terminal of 10 lines that takes down what it is sent; `print` is what a pipeline would call. */
  function terminal() {
    const sent: string[] = [];
    const output = { rows: 10, write: (text: string): boolean => sent.push(text) > 0 };
    return { sent, output, print: (text: string) => output.write(text), text: () => sent.join("").replaceAll("\x1b", "␛") };
  }

  test("hides the cursor, draws over what it drew before, and leaves the last lines standing", () => {
    const { output, text } = terminal();
    const screen = new Screen(output, [output]);
    screen.draw(["a", "b"]);
    screen.draw(["c"]);
    screen.end();
    expect(text()).toBe("␛[?25l␛[?7la\nb\n␛[?7h␛[2A\r␛[J␛[?7lc\n␛[?7h␛[?25h");
    expect(screen.rows).toBe(9);
  });

  test("makes room for what the pipeline prints, and draws below it", () => {
    const { output, print, text } = terminal();
    const screen = new Screen(output, [output]);
    screen.draw(["a"]);
    print("hello\n");
    print("unfinished");
    screen.draw(["b"]);
    screen.end();
    expect(text()).toBe("␛[?25l␛[?7la\n␛[?7h␛[1A\r␛[Jhello\nunfinished\n␛[?7lb\n␛[?7h␛[?25h");
  });

  test("gives the streams back as they were", () => {
    const { output, print, text } = terminal();
    const { write } = output;
    const screen = new Screen(output, [output]);
    screen.end();
    screen.end();
    print("after");
    expect(output.write).toBe(write);
    expect(text()).toBe("␛[?25l␛[?25hafter");
  });
});

test("on a terminal the pace is that of the last second, and at the end that of the whole run", () => {
  const sent: string[] = [];
  const terminal = { rows: 24, write: (text: string): boolean => sent.push(text) > 0 };
  const view = liveView(terminal, [terminal]);
  const drawn = (): string => stripVTControlCharacters(sent.at(-1)!).trim();
  for (let at = 200; at <= 2_000; at += 200) view.update(sample(at, ["Read", 0, at <= 1_000 ? 0 : at - 1_000]));
  expect(drawn()).toBe("step  in    out  per second\nRead   0  1,000       1,000");
  view.end(sample(4_000, ["Read", 0, 1_000]), { pipeline: "visits", state: "FAILED" });
  expect(sent.pop()).toBe("\x1b[?25h");
  expect(drawn()).toBe("step  in    out  per second\nRead   0  1,000         250\nvisits: failed after 4.0 s");
});
