import { describe, expect, test } from "vitest";
import { barLine } from "../../runners/cli/view/bar.ts";
import { progressBetween } from "../../runners/cli/view/progress.ts";
import { rowsOf } from "../../runners/cli/view/rows.ts";
import { tableOf } from "../../runners/cli/view/table.ts";
import { fileToFile, sample } from "./samples.ts";

const steps = progressBetween(
  sample(0),
  sample(
    2_000,
    ["Read", 0, 21_000],
    ["Read/Impulse", 0, 1, { busyMs: 0.2 }],
    ["Read/Split", 1, 135, { busyMs: 12, positionsTotal: 900 }],
    ["Read/Read", 135, 21_000, { bytes: 1_234_567, busyMs: 1_490, positionsDone: 900 }],
    ["Count", 21_000, 900],
    ["Count/KeyBy", 21_000, 21_000],
    ["Count/Sum", 21_000, 900],
    ["Count/Sum/Combine", 21_000, 900, { busyMs: 310 }],
    ["Count/Sum/Parse", 900, 900, { failed: 2 }],
    ["Write", 900, 1],
    ["Write/Files", 900, 1, { busyMs: 40 }],
    ["Write/Names", 1, 1, { busyMs: 2 }],
  ),
);
const rows = rowsOf(steps, fileToFile);

describe("the table", () => {
  test("has a line for each step of the outer composites, and one for a source, a file, and what is deeper", () => {
    expect(tableOf(rows)).toEqual([
      "step         in     out  per second   bytes    time  failed",
      "Read          0  21,000      10,500  1.2 MB   1.5 s",
      "Count    21,000     900      10,500",
      "  KeyBy  21,000  21,000      10,500",
      "  Sum    21,000     900      10,500          310 ms       2",
      "Write       900       1         450           42 ms",
    ]);
  });

  test("of a verbose run has a line for every step below all the composites it is part of", () => {
    expect(tableOf(rowsOf(steps))).toEqual([
      "step             in     out  per second   bytes    time  failed",
      "Read              0  21,000      10,500",
      "  Impulse         0       1           1            1 ms",
      "  Split           1     135          68           12 ms",
      "  Read          135  21,000      10,500  1.2 MB   1.5 s",
      "Count        21,000     900      10,500",
      "  KeyBy      21,000  21,000      10,500",
      "  Sum        21,000     900      10,500",
      "    Combine  21,000     900      10,500          310 ms",
      "    Parse       900     900         450                       2",
      "Write           900       1         450",
      "  Files         900       1         450           40 ms",
      "  Names           1       1           1            2 ms",
    ]);
  });

  test("of a run that has not started is its heading", () => {
    expect(tableOf([])).toEqual(["step  in  out  per second"]);
  });

  test("shows the innermost composites as one line each where the terminal is too short for what is in them", () => {
    expect(tableOf(rowsOf(steps, fileToFile, 4), { lines: 5 })).toEqual([
      "step       in     out  per second   bytes    time  failed",
      "Read        0  21,000      10,500  1.2 MB   1.5 s",
      "Count  21,000     900      10,500          310 ms       2",
      "Write     900       1         450           42 ms",
    ]);
  });

  test("counts what is left where even that is too long", () => {
    expect(tableOf(rowsOf(steps, fileToFile, 2), { lines: 3 })).toEqual([
      "step  in     out  per second   bytes   time",
      "Read   0  21,000      10,500  1.2 MB  1.5 s",
      "… 2 more",
    ]);
    expect(tableOf(rows, { lines: 1 })).toEqual(["… 5 more"]);
    expect(tableOf(rows, { lines: 0 })).toEqual([]);
    expect(tableOf(rows, { lines: -1 })).toEqual([]);
  });

  test("cuts long names, then leaves columns out, where the terminal is too narrow", () => {
    const long = rowsOf(
      progressBetween(
        sample(0),
        sample(1_000, ["TheLongestNameOfAStepThatThereEverWas", 10, 9, { bytes: 1_500, busyMs: 7, skipped: 1 }], ["B", 1, 1]),
      ),
    );
    const at = (columns: number) => tableOf(long, { columns });
    expect(at(72)).toEqual([
      "step                          in  out  per second   bytes  time  skipped",
      "TheLongestNameOfAStepThatTh…  10    9          10  1.5 kB  7 ms        1",
      "B                              1    1           1",
    ]);
    expect(at(60)).toEqual([
      "step                      in  out  per second  time  skipped",
      "TheLongestNameOfAStepTh…  10    9          10  7 ms        1",
      "B                          1    1           1",
    ]);
    expect(at(20)).toEqual(["step      out  skipped", "TheLong…    9        1", "B           1"]);
  });

  test("shows no control characters that a name may hold", () => {
    expect(tableOf(rowsOf(progressBetween(sample(0), sample(1_000, ["a\nb\u001b[2J", 0, 1]))))[1]).toMatch(/^a�b�\[2J /);
  });
});

test("the rows of composites whose own counts nobody knows are headings, or what their last step gave", () => {
  const unknown = progressBetween(sample(0), sample(1_000, ["A/B/C", 1, 2], ["A/B/D", 2, 3, { failed: 1 }], ["A/E", 3, 4]));
  const shown = (most: number) => rowsOf(unknown, undefined, most).map(({ path, counts }) => [path, counts?.out, counts?.failed]);
  expect(shown(9)).toEqual([
    ["A", undefined, undefined],
    ["A/B", undefined, undefined],
    ["A/B/C", 2, 0],
    ["A/B/D", 3, 1],
    ["A/E", 4, 0],
  ]);
  expect(shown(3)).toEqual([
    ["A", undefined, undefined],
    ["A/B", 3, 1],
    ["A/E", 4, 0],
  ]);
  expect(shown(0)).toEqual([["A", 4, 1]]);
});

describe("the line below the table", () => {
  test.each([
    [400, undefined, 80, "0.4 s"],
    [12_000, 0, 80, "12 s  read 0 %  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░"],
    [12_000, 0.5, 80, "12 s  read 50 %  ████████████████████░░░░░░░░░░░░░░░░░░░░"],
    [12_000, 0.999, 36, "12 s  read 99 %  ██████████████████░"],
    [65_000, 1, 80, "1 min 05 s  read 100 %  ████████████████████████████████████████"],
    [12_000, 0.5, 26, "12 s  read 50 %"],
  ])("after %d ms, with %s read, in %d columns", (ms, fraction, columns, line) => {
    expect(barLine(ms, fraction, columns)).toBe(line);
  });
});
