import { EventEmitter } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { MAX_INSTANT, MIN_INSTANT } from "millrace";
import { keysOf, type Keyboard } from "../../runners/cli/keys.ts";
import { jsonView } from "../../runners/cli/view/json-view.ts";
import { liveView } from "../../runners/cli/view/live-view.ts";
import { plainView } from "../../runners/cli/view/plain-view.ts";
import type { Sample } from "../../runners/cli/view/progress.ts";
import type { Shape } from "../../runners/cli/view/shape.ts";
import { sample } from "./samples.ts";

const noon = Date.UTC(2026, 0, 5, 12);
const shape: Shape = {
  splits: new Set(["Read/Split"]),
  reads: new Set(["Read/Read"]),
  sinks: new Set(),
  helpers: new Set(["Read/Split"]),
  ends: ["Show"],
  isBounded: false,
};

/** A run without an end at noon: seconds behind, with something in front of its count. */
const moment: Sample = {
  ...sample(
    5_000,
    ["Read", 0, 2_000, { status: { watermark: noon - 4_000, queued: 0 } }],
    ["Read/Split", 0, 1, { status: { watermark: MAX_INSTANT, queued: 0 } }],
    ["Read/Read", 1, 2_000, { status: { watermark: noon - 4_000, queued: 0, backlog: 1_500 } }],
    ["Count", 2_000, 9, { dropped: 3, late: 2, status: { watermark: noon - 10_000, queued: 0 } }],
    ["Count/GroupByKey", 2_000, 9, { status: { watermark: noon - 10_000, queued: 7 } }],
    ["Show", 9, 9, { status: { watermark: MIN_INSTANT, queued: 0 } }],
  ),
  now: noon,
  why: (step) => ({ step, at: "Count", reason: "watermark", text: `${step} waits for ${"more and ".repeat(20)}more.` }),
};

/** A terminal that takes down what it is sent. */
function terminal(columns = 120) {
  const sent: string[] = [];
  const output = { rows: 30, columns, write: (text: string): boolean => sent.push(text) > 0 };
  return { output, drawn: (): readonly string[] => stripVTControlCharacters(sent.at(-1)!).trimEnd().split("\n") };
}

/** A keyboard that a test presses keys of. */
class Keys extends EventEmitter {
  readonly calls: string[] = [];
  setRawMode(isRaw: boolean): this {
    this.calls.push(isRaw ? "raw" : "cooked");
    return this;
  }
  pause(): this {
    this.calls.push("pause");
    return this;
  }
  resume(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

const keyboardOf = (keys: Keys): Keyboard => keys as unknown as Keyboard;

describe("the table of a run without an end", () => {
  test("shows how far each step is, and what waits for it", () => {
    const { output, drawn } = terminal();
    liveView(output, [output], { shape, isVerbose: false }).update(moment);
    expect(drawn()).toEqual([
      "step      in    out  per second  watermark    lag  backlog  queue  late  dropped",
      "Read       0  2,000         400   11:59:56  4.0 s    1,500",
      "Count  2,000      9         400   11:59:50   10 s               7     2        3",
      "Show       9      9           2",
      "5.0 s",
    ]);
  });

  test("has none of these columns where sources end", () => {
    const { output, drawn } = terminal();
    liveView(output, [output], { shape: { ...shape, isBounded: true }, isVerbose: false }).update(moment);
    expect(drawn()[0]).toBe("step      in    out  per second  dropped");
  });

  test("says what steps wait for, at the press of a key", () => {
    const keys = new Keys();
    const { output, drawn } = terminal(60);
    const view = liveView(output, [output], { shape, isVerbose: false }, keysOf(keyboardOf(keys)));
    view.update(moment);
    expect(drawn().at(-1)).toBe("5.0 s  (w: show what steps wait for)");
    keys.emit("data", Buffer.from("xw"));
    view.update(moment);
    const shown = drawn().slice(4);
    expect(shown).toEqual([
      "Show: Show waits for more and more and more and more and",
      "  more and more and more and more and more and more and more",
      "  and more and more and more and more and more and more and",
      "  more and more and more and more.",
      "5.0 s  (w: hide what steps wait for)",
    ]);
    keys.emit("data", Buffer.from("w"));
    view.update(moment);
    expect(drawn().at(-1)).toBe("5.0 s  (w: show what steps wait for)");
    view.end(moment, { pipeline: "words", state: "STOPPED" });
    expect(keys.calls).toEqual(["raw", "pause", "cooked"]);
    expect(keys.listenerCount("data")).toBe(0);
  });
});

describe("keys that send signals", () => {
  test.each([
    ["\x03", "SIGINT", ["raw"]],
    ["\x1c", "SIGQUIT", ["raw", "cooked"]],
    ["\x1a", "SIGTSTP", ["raw", "cooked"]],
  ] as const)("%j still sends %s", (key, signal, calls) => {
    const keys = new Keys();
    const sent: string[] = [];
    const stop = keysOf(keyboardOf(keys), (each) => void sent.push(each))(() => expect.fail("a signal is no key"));
    keys.emit("data", Buffer.from(key));
    expect([sent, keys.calls]).toEqual([[signal], calls]);
    stop();
  });

  test("a process that goes on after it was stopped reads keys one by one again", () => {
    const keys = new Keys();
    const before = process.listenerCount("SIGCONT");
    const stop = keysOf(keyboardOf(keys), () => {})(() => {});
    process.emit("SIGCONT");
    stop();
    expect(keys.calls).toEqual(["raw", "raw", "pause", "cooked"]);
    expect(process.listenerCount("SIGCONT")).toBe(before);
  });
});

test("JSON lines of a run without an end say how far each step is", () => {
  const lines: { readonly steps: readonly object[] }[] = [];
  jsonView((line) => lines.push(JSON.parse(line)), { shape }).update(moment);
  expect(lines[0]!.steps.slice(2)).toEqual([
    { step: "Read/Read", in: 1, out: 2_000, perSecond: 400, watermark: "2026-01-05T11:59:56.000Z", lagMs: 4_000, backlog: 1_500, queue: 0 },
    {
      step: "Count",
      in: 2_000,
      out: 9,
      perSecond: 400,
      dropped: 3,
      watermark: "2026-01-05T11:59:50.000Z",
      lagMs: 10_000,
      queue: 0,
      late: 2,
    },
    { step: "Count/GroupByKey", in: 2_000, out: 9, perSecond: 400, watermark: "2026-01-05T11:59:50.000Z", lagMs: 10_000, queue: 7 },
    { step: "Show", in: 9, out: 9, perSecond: 2, queue: 0 },
  ]);
});

test("plain lines of a run without an end say how far what comes out is behind the clock", () => {
  const lines: string[] = [];
  const view = plainView((line) => lines.push(line), { shape: { ...shape, ends: ["Count", "Show"] }, isVerbose: false });
  view.update(moment);
  view.update({ ...moment, steps: moment.steps.slice(0, 5) });
  expect(lines).toEqual(["5.0 s: Read: 0 in, 2,000 out, 400 per second", "5.0 s: nothing moves; the watermark of Count lags 10 s"]);
});
