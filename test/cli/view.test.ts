import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { create, map, PipelineError, type MetricKind, type MetricResult, type MetricValues, type Pipeline } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { jsonView } from "../../runners/cli/view/json-view.ts";
import { liveView } from "../../runners/cli/view/live-view.ts";
import { bytesText, grouped, timeText, workText } from "../../runners/cli/view/numbers.ts";
import { ownMetrics } from "../../runners/cli/view/own-metrics.ts";
import { plainView } from "../../runners/cli/view/plain-view.ts";
import { Screen } from "../../runners/cli/view/screen.ts";
import { unknownShape } from "../../runners/cli/view/shape.ts";
import { summaryOf } from "../../runners/cli/view/summary.ts";
import { watch, type Outcome, type View } from "../../runners/cli/view/view.ts";
import { fileToFile, sample } from "./samples.ts";

const inParts = ["Read/Split", 1, 4, { busyMs: 3, positionsTotal: 200 }] as const;
const moments = [
  sample(5_000, ["Read", 0, 1_000_000], ["Read/Read", 1, 1_000_000], ["Write", 10, 0], ["Write/Files", 10, 0]),
  sample(10_000, ["Read", 0, 1_000_000], inParts, ["Read/Read", 1, 1_000_000, { positionsDone: 85 }], ["Write", 5_010, 0]),
  sample(15_000, ["Read", 0, 1_000_000], inParts, ["Read/Read", 1, 1_000_000, { positionsDone: 85 }], ["Write", 5_010, 0]),
];
const end = sample(
  20_000,
  ["Read", 0, 1_000_000],
  inParts,
  ["Read/Read", 1, 1_000_000, { positionsDone: 200, bytes: 34_500_000, busyMs: 4_200 }],
  ["Parse", 1_000_000, 10_000, { dropped: 1, skipped: 2, failed: 989_997 }],
  ["Write", 10_000, 1],
  ["Write/Files", 10_000, 1, { busyMs: 400 }],
);

test("plain lines name the busiest step while the run goes on, and all of them at its end", () => {
  const lines: string[] = [];
  const view = plainView((line) => lines.push(line), { shape: fileToFile, isVerbose: false });
  moments.forEach(view.update);
  view.end(end, { pipeline: "visits", state: "DONE" });
  expect(lines).toEqual([
    "5.0 s: Read: 0 in, 1,000,000 out, 200,000 per second",
    "10 s: read 42 %; Write: 5,010 in, 0 out, 1,000 per second",
    "15 s: read 42 %; nothing moves",
    "Read: 0 in, 1,000,000 out, 50,000 per second, 35 MB, busy 4.2 s",
    "Parse: 1,000,000 in, 10,000 out, 50,000 per second, 1 dropped, 2 skipped, 989,997 failed",
    "Write: 10,000 in, 1 out, 500 per second, busy 400 ms",
    "visits: done in 20 s; read 1,000,000 elements (35 MB), wrote 10,000 elements, dropped 1, skipped 2, 989,997 failed",
  ]);
});

test("plain lines of a verbose run name every step at its end", () => {
  const lines: string[] = [];
  plainView((line) => lines.push(line), { shape: fileToFile, isVerbose: true }).end(end, { pipeline: "visits", state: "FAILED" });
  expect(lines.map((line) => line.split(":")[0])).toEqual(["Read", "Read/Split", "Read/Read", "Parse", "Write", "Write/Files", "visits"]);
});

describe("the last line for people says", () => {
  test.each([
    ["DONE", "visits: done in 20 s; read 1,000,000 elements (35 MB), wrote 10,000 elements, dropped 1, skipped 2, 989,997 failed"],
    ["CANCELLED", "visits: cancelled after 20 s; nothing was published"],
    ["FAILED", "visits: failed after 20 s"],
  ] as const)("of a run that is %s what became of it", (state, line) => {
    expect(summaryOf(end, fileToFile, { pipeline: "visits", state })).toBe(line);
  });

  test("nothing of what is not there", () => {
    const outcome = { pipeline: "visits", state: "DONE" } as const;
    expect(summaryOf(sample(1_500, ["Read/Read", 1, 1]), { ...fileToFile, sinks: new Set() }, outcome)).toBe(
      "visits: done in 1.5 s; read 1 element",
    );
    expect(summaryOf(sample(1_500), fileToFile, outcome)).toBe("visits: done in 1.5 s; read 0 elements, wrote 0 elements");
    expect(summaryOf(end, unknownShape, outcome)).toBe("visits: done in 20 s; dropped 1, skipped 2, 989,997 failed");
  });
});

test("JSON lines hold the counts while the run goes on, and the result at its end", () => {
  const lines: unknown[] = [];
  const view = jsonView((line) => lines.push(JSON.parse(line)), { shape: fileToFile });
  view.update(moments[0]!);
  view.update(moments[1]!);
  view.end(end, { pipeline: "visits", state: "CANCELLED" });
  expect(lines).toEqual([
    {
      event: "progress",
      seconds: 5,
      steps: [
        { step: "Read", in: 0, out: 1_000_000, perSecond: 200_000 },
        { step: "Read/Read", in: 1, out: 1_000_000, perSecond: 200_000 },
        { step: "Write", in: 10, out: 0, perSecond: 2 },
        { step: "Write/Files", in: 10, out: 0, perSecond: 2 },
      ],
    },
    {
      event: "progress",
      seconds: 10,
      fractionRead: 0.425,
      steps: [
        { step: "Read", in: 0, out: 1_000_000, perSecond: 0 },
        { step: "Read/Split", in: 1, out: 4, perSecond: 1, busyMs: 3 },
        { step: "Read/Read", in: 1, out: 1_000_000, perSecond: 0 },
        { step: "Write", in: 5_010, out: 0, perSecond: 1_000 },
      ],
    },
    {
      event: "result",
      pipeline: "visits",
      state: "CANCELLED",
      seconds: 20,
      totals: { read: 1_000_000, bytes: 34_500_000, written: 10_000, dropped: 1, skipped: 2, failed: 989_997 },
      steps: [
        { step: "Read", in: 0, out: 1_000_000, perSecond: 50_000 },
        { step: "Read/Split", in: 1, out: 4, perSecond: 0, busyMs: 3 },
        { step: "Read/Read", in: 1, out: 1_000_000, perSecond: 50_000, bytes: 34_500_000, busyMs: 4_200 },
        { step: "Parse", in: 1_000_000, out: 10_000, perSecond: 50_000, dropped: 1, skipped: 2, failed: 989_997 },
        { step: "Write", in: 10_000, out: 1, perSecond: 500 },
        { step: "Write/Files", in: 10_000, out: 1, perSecond: 500, busyMs: 400 },
      ],
    },
  ]);
});

test("the JSON line of a failure holds the parts of the error", () => {
  const lines: unknown[] = [];
  const cause = new RangeError("too large");
  const error = new PipelineError("STEP_FAILED", { what: "a step failed", at: "Words", got: '"a"', cause });
  jsonView((line) => lines.push(JSON.parse(line)), { shape: unknownShape }).end(sample(1_234), {
    pipeline: "visits",
    state: "FAILED",
    error,
  });
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
      totals: { read: 0, bytes: 0, written: 0, dropped: 0, skipped: 0, failed: 0 },
      steps: [],
    },
  ]);
});

describe("the metrics that steps keep themselves", () => {
  const of = <K extends MetricKind>(kind: K, name: string, committed: MetricValues[K], namespace = "Prices") =>
    ({ step: "Prices", namespace, name, kind, attempted: committed, committed }) as unknown as MetricResult;
  const all = [
    of("stringSet", "kinds", new Set(["b", "a\nb"])),
    of("stringSet", "many", new Set(Array.from({ length: 1_007 }, (_, i) => String(i)))),
    of("counter", "skipped", 3, "shop"),
    of("counter", "skipped", 1),
    of("gauge", "last", { value: 0.123456789, timestamp: 5 }),
    of("gauge", "never", undefined),
    of("distribution", "price", { sum: 6_000.5, count: 3, min: -1_000, max: 5_000 }),
    of("distribution", "none", { sum: 0, count: 0, min: Infinity, max: -Infinity }),
    of("counter", "elements_in", 9),
    of("counter", "seen", 3_000),
  ];

  test("are those that the engine does not keep, and that have a value", () => {
    expect(ownMetrics(all).map(({ namespace, name }) => `${namespace} ${name}`)).toEqual([
      "Prices kinds",
      "Prices last",
      "Prices many",
      "Prices price",
      "Prices seen",
      "shop skipped",
    ]);
  });

  test("are lines for people before the last one", () => {
    const expected = [
      'Prices, kinds: "a\\nb", "b"',
      "Prices, last: 0.123457",
      'Prices, many: "0", "1", "10", "100", "1000", … 1,002 more',
      "Prices, price: 3 values from -1,000 to 5,000, mean 2000.17, sum 6000.5",
      "Prices, seen: 3,000",
      "Prices, shop.skipped: 3",
    ];
    const outcome = { pipeline: "shop", state: "DONE", metrics: ownMetrics(all) } as const;
    const lines: string[] = [];
    plainView((line) => lines.push(line), { shape: unknownShape, isVerbose: false }).end(sample(1_000), outcome);
    expect(lines).toEqual([...expected, "shop: done in 1.0 s"]);
    let drawn = "";
    const terminal = { rows: 5, columns: 200, write: (text: string) => (drawn += text) };
    liveView(terminal, [], { shape: unknownShape, isVerbose: false }).end(sample(1_000), outcome);
    expect(stripVTControlCharacters(drawn)).toContain(expected.join("\n"));
  });

  test("are data in JSON", () => {
    const outcome = { pipeline: "shop", state: "DONE", metrics: ownMetrics(all).filter(({ name }) => name !== "many") } as const;
    const lines: { readonly metrics?: unknown }[] = [];
    jsonView((line) => lines.push(JSON.parse(line) as object), { shape: unknownShape }).end(sample(1_000), outcome);
    expect(lines[0]!.metrics).toEqual([
      { step: "Prices", name: "kinds", kind: "stringSet", value: ["a\nb", "b"] },
      { step: "Prices", name: "last", kind: "gauge", value: { value: 0.123456789, timestamp: 5 } },
      { step: "Prices", name: "price", kind: "distribution", value: { sum: 6_000.5, count: 3, min: -1_000, max: 5_000 } },
      { step: "Prices", name: "seen", kind: "counter", value: 3_000 },
      { step: "Prices", namespace: "shop", name: "skipped", kind: "counter", value: 3 },
    ]);
  });
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
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [9_949, "9.9 kB"],
  [9_950, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [34_500_000, "35 MB"],
  [7_200_000_000, "7.2 GB"],
  [5e15, "5000 TB"],
])("%d bytes are written as %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0.1, "1 ms"],
  [999.4, "999 ms"],
  [999.5, "1.0 s"],
  [12_000, "12 s"],
])("%d ms of work are written as %s", (ms, text) => {
  expect(workText(ms)).toBe(text);
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
    expect(screen.columns).toBe(80);
  });

  test("takes a size of nothing for one that is not known", () => {
    const { output } = terminal();
    const screen = new Screen({ ...output, rows: 0, columns: 0 }, []);
    screen.end();
    expect([screen.rows, screen.columns]).toEqual([23, 80]);
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

describe("on a terminal", () => {
  /** The lines of the last drawing. */
  function terminal(size: { readonly rows?: number; readonly columns?: number } = {}) {
    const sent: string[] = [];
    const output = { ...size, write: (text: string): boolean => sent.push(text) > 0 };
    const lines = (): readonly string[] => stripVTControlCharacters(sent.at(-1)!).trim().split("\n");
    return { sent, output, lines };
  }
  const options = { shape: fileToFile, isVerbose: false };

  test("the pace is that of the last second, and at the end that of the whole run", () => {
    const { sent, output, lines } = terminal({ rows: 24 });
    const view = liveView(output, [output], options);
    for (let at = 200; at <= 2_000; at += 200) view.update(sample(at, ["Read", 0, at <= 1_000 ? 0 : at - 1_000]));
    expect(lines()).toEqual(["step  in    out  per second", "Read   0  1,000       1,000", "2.0 s"]);
    view.end(sample(4_000, ["Read", 0, 1_000]), { pipeline: "visits", state: "FAILED" });
    expect(sent.pop()).toBe("\x1b[?25h");
    expect(lines()).toEqual(["step  in    out  per second", "Read   0  1,000         250", "visits: failed after 4.0 s"]);
  });

  test("there is a bar where it is known how much there is to read", () => {
    const { output, lines } = terminal({ rows: 24, columns: 48 });
    liveView(output, [output], options).update(moments[1]!);
    expect(lines()).toEqual([
      "step      in        out  per second  time",
      "Read       0  1,000,000     100,000  3 ms",
      "Write  5,010          0         501",
      "10 s  read 42 %  █████████████░░░░░░░░░░░░░░░░░░",
    ]);
  });

  test("the table keeps to the size of the terminal, but for the last time", () => {
    const { sent, output, lines } = terminal({ rows: 4, columns: 40 });
    const view = liveView(output, [output], options);
    view.update(end);
    expect(lines()).toEqual(["step  in  out  per second", "… 3 more", "20 s  read 100 %  ██████████████████████"]);
    view.end(end, { pipeline: "visits", state: "CANCELLED" });
    sent.pop();
    expect(lines()).toEqual([
      "step         out  dropped  skipped   failed",
      "Read   1,000,000",
      "Parse     10,000        1        2  989,997",
      "Write          1",
      "visits: cancelled after 20 s; nothing was published",
    ]);
  });
});

describe("a run that is watched", () => {
  /** Runs a pipeline of one step; answers what the view was told at the end. */
  async function watched(call: (n: number) => number, fault?: () => { readonly error: unknown } | undefined, isCancelled = false) {
    const ended: { readonly given: readonly number[]; readonly outcome: Outcome }[] = [];
    const view: View = {
      every: 1_000,
      update: () => {},
      end: ({ steps }, outcome) => ended.push({ given: steps.map(({ out }) => out), outcome }),
    };
    const running = directRunner().start((p: Pipeline) => void p.apply("Read", create([1, 2])).apply("Step", map(call)));
    if (isCancelled) void running.cancel();
    const outcome = await watch(running, "job", view, fault);
    expect(ended.map((end) => end.outcome)).toEqual([outcome]);
    return { outcome, given: ended[0]!.given };
  }
  const stray = { error: new Error("stray") };

  test("ends as it does", async () => {
    expect(await watched((n) => n)).toEqual({ outcome: { pipeline: "job", metrics: [], state: "DONE" }, given: [2, 1, 1, 2, 2] });
    expect((await watched((n) => n, undefined, true)).outcome).toEqual({ pipeline: "job", metrics: [], state: "CANCELLED" });
    const { outcome } = await watched(() => {
      throw new Error("x");
    });
    expect(outcome).toMatchObject({ state: "FAILED", error: { code: "STEP_FAILED" } });
  });

  test("has failed if it was cancelled because something went wrong beside it", async () => {
    expect(
      (
        await watched(
          (n) => n,
          () => stray,
          true,
        )
      ).outcome,
    ).toEqual({ pipeline: "job", metrics: [], state: "FAILED", ...stray });
    expect(
      (
        await watched(
          (n) => n,
          () => stray,
        )
      ).outcome,
    ).toEqual({ pipeline: "job", metrics: [], state: "DONE", ...stray });
  });
});
