import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Runner } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { ownFolder } from "../support/runs.ts";
import { oneByOneRunner } from "../support/transcripts/one-by-one-runner.ts";
import { differences } from "../support/transcripts/compare.ts";
import { parseTranscripts } from "../support/transcripts/parse.ts";
import type { KeyedPane } from "../support/transcripts/pipeline.ts";
import { Playback, variations, type Variation } from "../support/transcripts/playback.ts";
import { replay } from "../support/transcripts/replay.ts";
import { TranscriptError, type PaneFacts, type Transcript } from "../support/transcripts/transcript.ts";

// Tools that let everything pass prove nothing, so here are transcripts that must fail.

const story = `name: each element is a pane of its own
window: fixed(10)
trigger: repeatedly(afterCount(1))
accumulation: discarding
onTime: ifNonEmpty
steps:
  - elements: [1]
  - expect: [{window: [0, 10], values: [1], timing: EARLY, index: 0, nonSpeculative: -1, timestamp: 9, first: true, last: false}]
  - clock: 5
  - watermark: 20
  - elements: [2]
  - dropped: {late: 1, closed: 0}
  - elements: [21, 32]
  - expect:
      - {window: [20, 30], values: [21]}
      - {values: [32]}
`;

const changed = (from: string, to: string): string => {
  expect(story).toContain(from);
  return story.replace(from, to);
};

/** One that is plain enough to trust, and a real one. */
const runners: readonly (readonly [name: string, runner: Runner])[] = [
  ["a runner that knows this one trigger", oneByOneRunner()],
  ["directRunner", directRunner()],
];

async function problemsOf(text: string, runner: Runner): Promise<readonly string[]> {
  const file = join(ownFolder(), "story.yaml");
  writeFileSync(file, text);
  return (await replay(runner, file, 0)).map((problem) => problem.replace(file, "story.yaml"));
}

describe.each(runners)("a transcript that holds, on %s,", (_, runner) => {
  test("passes", async () => {
    expect(await problemsOf(story, runner)).toEqual([]);
  });

  test.each<[string, string, string]>([
    ["nothing is expected where nothing comes out", "  - watermark: 20\n", "  - watermark: 20\n  - expect: []\n"],
    [
      "panes are listed in another order",
      "      - {window: [20, 30], values: [21]}\n      - {values: [32]}\n",
      "      - {values: [32]}\n      - {values: [21]}\n",
    ],
    ["an entry that fits both panes stands first", "      - {window: [20, 30], values: [21]}\n", "      - {timing: EARLY}\n"],
    ["an entry that says nothing", "      - {values: [32]}", "      - {}"],
    ["counts are given one by one", "{late: 1, closed: 0}", "{closed: 0}\n  - dropped: {late: 1}"],
  ])("passes where %s", async (__, from, to) => {
    expect(await problemsOf(changed(from, to), runner)).toEqual([]);
  });
});

describe.each(runners)("a transcript that does not hold fails on %s, with the line and in every variation:", (_, runner) => {
  test.each<[string, string, string, number]>([
    ["another value", "values: [1]", "values: [2]", 8],
    ["a value too many", "values: [1]", "values: [1, 1]", 8],
    ["no value", "values: [1]", "values: []", 8],
    ["another window", "window: [0, 10]", "window: [0, 11]", 8],
    ["the global window", "window: [0, 10]", "window: [MIN, GMAX]", 8],
    ["another timing", "EARLY", "ON_TIME", 8],
    ["another index", "index: 0", "index: 1", 8],
    ["another index among those that are not early", "nonSpeculative: -1", "nonSpeculative: 0", 8],
    ["another time", "timestamp: 9", "timestamp: 1", 8],
    ["not the first", "first: true", "first: false", 8],
    ["the last", "last: false", "last: true", 8],
    ["output that no expect follows", /  - expect: \[.*\n/.exec(story)![0], "", 7],
    ["output that an empty expect follows", /\[\{window: \[0, 10\].*\}\]/.exec(story)![0], "[]", 7],
    ["output of which only a part is expected", "      - {values: [32]}\n", "", 13],
    ["an entry that nothing matches", "  - watermark: 20\n", "  - watermark: 20\n  - expect: [{values: [1]}]\n", 11],
    ["one pane for two entries", "      - {values: [32]}\n", "      - {values: [32]}\n      - {values: [32]}\n", 17],
    ["what is expected one action too late", "  - clock: 5\n", "  - clock: 5\n  - expect: [{values: [1]}]\n", 10],
    [
      "the output of the last action that no expect takes",
      "  - expect:\n      - {window: [20, 30], values: [21]}\n      - {values: [32]}\n",
      "",
      13,
    ],
    ["more late elements", "late: 1", "late: 2", 11],
    ["no late element", "late: 1", "late: 0", 11],
    ["an element for a closed window", "closed: 0", "closed: 1", 11],
  ])("%s", async (__, from, to, line) => {
    const problems = await problemsOf(changed(from, to), runner);
    for (const variation of ["as it is written", "with the elements of each event reversed", "with three keys at once"]) {
      expect(problems).toContainEqual(expect.stringContaining(`${variation}: story.yaml:${line}: `));
    }
  });
});

describe("a run fails its transcript", () => {
  test("that ends before all actions are over", async () => {
    const early = { start: () => ({ done: Promise.resolve() }) } as unknown as Runner;
    expect(await problemsOf(story, early)).toContain("as it is written: story.yaml:7: the run ended before this action was over");
  });

  test("that fails", async () => {
    const failing = { start: () => ({ done: Promise.reject(new Error("no such luck")) }) } as unknown as Runner;
    expect(await problemsOf(story, failing)).toContain("as it is written: the run failed: no such luck");
  });
});

describe("what comes out is compared", () => {
  const step = { action: { kind: "processingTime", by: 1 }, dropped: {}, at: "story.yaml:1" } as const;
  const [oneKey, , threeKeys] = variations as [Variation, Variation, Variation];
  const pane: KeyedPane = {
    key: "a",
    window: "[0,10)",
    values: [1, 2],
    timing: "EARLY",
    index: 0,
    nonSpeculative: -1,
    timestamp: 9,
    first: true,
    last: false,
  };
  const differencesFrom = (said: Partial<PaneFacts>, panes: readonly KeyedPane[], variation: Variation): readonly string[] => {
    const transcript = { steps: [{ ...step, expected: [{ said, at: "story.yaml:2" }] }] } as unknown as Transcript;
    return differences(transcript, [{ panes, dropped: { late: 0, closed: 0 } }], variation);
  };

  test("with values in any order", () => {
    expect(differencesFrom({ values: [2, 1] }, [pane], oneKey)).toEqual([]);
    expect(differencesFrom({ values: [2, 2] }, [pane], oneKey)).toHaveLength(2);
  });

  test("with values of any kind", () => {
    expect(differencesFrom({ values: ["1", 2] }, [pane], oneKey)).toHaveLength(2);
    expect(differencesFrom({ values: ["b", null] }, [{ ...pane, values: [null, "b"] }], oneKey)).toEqual([]);
  });

  test("key by key", () => {
    const panes = ["a", "b", "c"].map((key) => ({ ...pane, key }));
    expect(differencesFrom({ values: [1, 2] }, panes, threeKeys)).toEqual([]);
    const [a, b] = panes as [KeyedPane, KeyedPane];
    expect(differencesFrom({ values: [1, 2] }, [a, b, b], threeKeys)).toHaveLength(2);
    expect(differencesFrom({ values: [1, 2] }, [a, b, { ...pane, key: "c", values: [1] }], threeKeys)).toHaveLength(2);
  });
});

test("a transcript is replayed in order, in reverse, and with several keys", () => {
  const [{ steps }] = parseTranscripts(changed("[21, 32]", "[21, {value: x, at: 32}]"), "story.yaml") as readonly [Transcript];
  const actions = steps.map(({ action }) => action);
  const lastOf = (variation: Variation): unknown => {
    const event = Playback.of(actions, variation).script.events.at(-1);
    return event?.kind === "elements" ? event.elements.map(({ value, timestamp }) => [...(value as readonly unknown[]), timestamp]) : event;
  };
  const [a21, ax] = [
    ["a", 21, 21],
    ["a", "x", 32],
  ];
  const others = (of: readonly unknown[]): readonly unknown[] => ["b", "c"].map((key) => of.with(0, key));
  expect(variations.map(lastOf)).toEqual([
    [a21, ax],
    [ax, a21],
    [a21, ...others(a21!), ax, ...others(ax!)],
  ]);
});

describe("a malformed transcript is refused, with file, line and what is wrong:", () => {
  test.each<[string, string, string, number, RegExp]>([
    ["broken YAML", "window: fixed(10)", "window: fixed: 10", 2, /./],
    ["a field twice", "accumulation: discarding", "accumulation: discarding\naccumulation: discarding", 5, /unique/],
    ["no name", "name: each element is a pane of its own", "lateness: 0", 1, /has a name, a window and steps/],
    ["no steps", story.slice(story.indexOf("steps:")), "", 1, /has a name, a window and steps/],
    ["no action", story.slice(story.indexOf("  - elements: [1]")), "  []\n", 7, /at least one action/],
    ["a field that is none", "accumulation:", "acumulation:", 4, /no field acumulation, only name, /],
    ["a window function that is none", "fixed(10)", "tumbling(10)", 2, /no window function tumbling, only global, /],
    ["a window function that takes more", "fixed(10)", "fixed()", 2, /fixed does not take 0 arguments/],
    ["a size of zero", "fixed(10)", "fixed(0)", 2, /BAD_WINDOW/],
    ["a bracket that stays open", "afterCount(1))", "afterCount(1)", 3, /its end where/],
    ["a bracket too many", "afterCount(1))", "afterCount(1)))", 3, /"\)" where the end should be/],
    ["a sign that has no place", "afterCount(1))", "afterCount(1.5))", 3, /a sign that has no place there: "\."/],
    ["a trigger that is none", "afterCount(1))", "afterElements(1))", 3, /no trigger afterElements/],
    ["a number for a trigger", "repeatedly(afterCount(1))", "repeatedly(1)", 3, /takes a trigger, not 1/],
    ["a trigger for a number", "afterCount(1)", "afterCount(never)", 3, /takes a number as argument 1/],
    ["a part that a trigger does not have", "repeatedly(afterCount(1))", "afterWatermark(before=never)", 3, /nothing called before/],
    ["an accumulation mode that is none", "discarding", "retracting", 4, /one of accumulating, discarding/],
    ["a lateness below zero", "onTime: ifNonEmpty", "lateness: -1", 5, /lateness is at least 0/],
    ["a step that says nothing", "  - clock: 5", "  - {}", 9, /says one thing/],
    ["a step that says two things", "  - clock: 5", "  - {clock: 5, watermark: 5}", 9, /says one thing/],
    ["a step that is none", "  - clock: 5", "  - time: 5", 9, /no field time/],
    ["a clock that goes back", "  - clock: 5", "  - clock: 5\n  - clock: 4", 10, /goes back, from 5 to 4/],
    ["a clock that is advanced by less than nothing", "  - clock: 5", "  - advanceClock: -5", 9, /at least 0/],
    ["a watermark that goes back", "  - watermark: 20", "  - watermark: 20\n  - watermark: 19", 11, /BAD_TEST_STREAM/],
    ["elements after the end", "  - watermark: 20", "  - watermark: MAX", 11, /BAD_TEST_STREAM/],
    ["no elements", "elements: [2]", "elements: []", 11, /at least one element/],
    ["an element that is no number", "elements: [2]", "elements: [two]", 11, /is a whole number/],
    ["an element without a time", "elements: [2]", "elements: [{value: 2}]", 11, /says when it is/],
    ["an element beyond time", "elements: [2]", "elements: [{value: 2, at: MAX}]", 11, /BAD_TEST_STREAM/],
    ["an expectation before any action", "  - elements: [1]\n", "", 7, /before the first action/],
    ["counts before any action", "  - elements: [1]\n", "  - dropped: {late: 0}\n", 7, /before the first action/],
    ["two expectations of one action", "  - clock: 5\n", "  - expect: []\n", 9, /one expect/],
    ["a fact that panes do not have", "timing: EARLY", "time: EARLY", 8, /no field time, only window/],
    ["a timing that is none", "EARLY", "SOON", 8, /one of EARLY, ON_TIME, LATE/],
    ["a window with one end", "window: [0, 10]", "window: [0]", 8, /a start and an end/],
    ["a count that is none", "late: 1", "late: some", 12, /a count is a whole number/],
  ])("%s", (_, from, to, line, text) => {
    const parse = (): unknown => parseTranscripts(changed(from, to), "story.yaml");
    expect(parse).toThrow(TranscriptError);
    expect(parse).toThrow(text);
    expect(parse).toThrow(expect.objectContaining({ code: "BAD_TRANSCRIPT", at: `story.yaml:${line}` }));
  });

  test("a file without a transcript", () => {
    expect(() => parseTranscripts("# nothing here\n", "story.yaml")).toThrow(/no transcript at "story.yaml:1"/);
  });

  test("the second transcript of a file, by its own line", () => {
    expect(() => parseTranscripts(`${story}---\n${story.replace("fixed(10)", "fixed(0)")}`, "story.yaml")).toThrow(/at "story.yaml:19"/);
  });
});

test("what a transcript does not say is what Beam has where nothing is said", () => {
  const [transcript] = parseTranscripts("name: n\nwindow: global\nsteps: [{clock: 1}]\n", "story.yaml");
  expect(transcript!.settings).toEqual({
    trigger: { kind: "default" },
    accumulation: "accumulating",
    allowedLateness: 0,
    timestampCombiner: "endOfWindow",
    closing: "ifNonEmpty",
    onTime: "always",
  });
});

test("triggers may be nested, and have named parts", () => {
  const text = "afterEach(afterWatermark(early=afterCount(2), late=always), orFinally(repeatedly( afterProcessingTime(5) ) ,never))";
  const [transcript] = parseTranscripts(`name: n\nwindow: sliding(10, 5, 2)\ntrigger: ${text}\nsteps: [{clock: 1}]\n`, "story.yaml");
  expect(transcript!.settings.trigger).toEqual({
    kind: "afterEach",
    triggers: [
      { kind: "afterWatermark", early: { kind: "afterCount", count: 2 }, late: { kind: "always" } },
      {
        kind: "orFinally",
        main: { kind: "repeatedly", trigger: { kind: "afterProcessingTime", delay: 5 } },
        until: { kind: "never" },
      },
    ],
  });
});
