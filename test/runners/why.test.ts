import { afterEach, describe, expect, test } from "vitest";
import {
  afterProcessingTime,
  asList,
  asyncMap,
  collect,
  countPerElement,
  create,
  filter,
  fixedWindows,
  groupByKey,
  map,
  MAX_INSTANT,
  MIN_INSTANT,
  monotonicWatermark,
  repeatedly,
  seconds,
  tap,
  windowInto,
  withKeys,
  writeTo,
  type PCollection,
  type RunningPipeline,
  type Why,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { at, manualClock, testStream } from "millrace/testing";
import { Feed } from "../support/feed.ts";

const running: RunningPipeline[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.cancel();
});

interface Live {
  readonly clock: ReturnType<typeof manualClock>;
  readonly feed: Feed;
  readonly run: RunningPipeline;
  readonly warnings: string[];
}

/** A feed in windows of ten, and what a test makes of it. */
async function live(
  parts: number,
  build: (words: PCollection<string>) => void,
  settings: { readonly idleTimeout?: number } = {},
): Promise<Live> {
  const [clock, feed, warnings] = [manualClock(), new Feed(parts), [] as string[]];
  const logger = { debug: () => {}, info: () => {}, warn: (text: string) => void warnings.push(text), error: () => {} };
  const source = feed.source({ watermark: monotonicWatermark(), ...settings });
  const run = rxjsRunner().start(
    (p) => build(p.apply("Feed", source).apply("Window", windowInto(fixedWindows(10)))),
    {},
    { clock, logger },
  );
  running.push(run);
  await clock.idle();
  return { clock, feed, run, warnings };
}

const counted = (words: PCollection<string>): PCollection<string> =>
  words.apply("Count", countPerElement()).apply(
    "Text",
    map(([word, n]) => `${word} ${n}`),
  );

async function put({ feed, clock }: Live, part: number, ...timestamps: readonly number[]): Promise<void> {
  feed.put(
    part,
    timestamps.map((timestamp) => ({ value: "a", timestamp })),
  );
  await clock.idle();
}

describe("why there is nothing", () => {
  test("a step behind a window waits for the part of the source that is behind the others", async () => {
    const given = await live(2, counted);
    await put(given, 0, 5);
    await put(given, 1, 27);
    await given.clock.advanceBy(seconds(4.5));
    expect(given.run.why("Text")).toEqual({
      step: "Text",
      at: "Count/CombinePerKey(count)",
      reason: "watermark",
      until: 9,
      watermark: 5,
      heldBy: { step: "Feed/Read", part: '{"part":0}', lastElementAt: 0 },
      text:
        "Text has nothing to do now. Count/CombinePerKey(count) waits for the watermark to pass 1970-01-01T00:00:00.009Z. The watermark is at " +
        '1970-01-01T00:00:00.005Z: the part {"part":0} of Feed/Read has got no further, and gave its last element 4.5 s ago. ' +
        "Count has taken 2 elements and given 0 elements.",
    });
    await put(given, 0, 10);
    expect(given.run.why("Text")).toMatchObject({ until: 19, watermark: 10 });
  });

  test("a part that has given nothing yet is said to have given nothing", async () => {
    const given = await live(2, counted);
    await put(given, 0, 5);
    expect(given.run.why("Count")).toMatchObject({ watermark: MIN_INSTANT, heldBy: { step: "Feed/Read", part: '{"part":1}' } });
    expect(given.run.why("Count").text).toContain("The watermark is at the beginning of time");
    expect(given.run.why("Count").text).toContain('the part {"part":1} of Feed/Read has got no further, and has given no element yet');
  });

  test("an idle part is not what holds the watermark", async () => {
    const given = await live(2, counted, { idleTimeout: 1_000 });
    await put(given, 0, 5);
    await given.clock.advanceBy(900);
    await put(given, 1, 7);
    await given.clock.advanceBy(200);
    expect(given.run.why("Count")).toMatchObject({ watermark: 7, heldBy: { part: '{"part":1}' } });
  });

  test("what waits for nothing but its source says so, and names the source", async () => {
    const given = await live(1, (words) => words.apply("Text", map(String)));
    await put(given, 0, 5);
    const { at, reason, text } = given.run.why("Text");
    expect([at, reason]).toEqual(["Feed/Read", "source"]);
    expect(text).toContain("Feed/Read waits for its source, which has nothing for now.");
    expect(text).toContain("Text has taken 1 element and given 1 element.");
  });

  test("an element waits for a window of a side input to end", async () => {
    const given = await live(1, (words) => {
      const side = asList(words.apply("Keys", withKeys("all")).apply("Group", groupByKey()));
      words.apply(
        "Joined",
        map((word, { sideInputs: { all } }) => [word, all.length], { sideInputs: { all: side } }),
      );
    });
    await put(given, 0, 5);
    expect(given.run.why("Joined")).toMatchObject({
      at: "Joined",
      reason: "sideInput",
      until: 9,
      watermark: 5,
      heldBy: { step: "Feed/Read", part: '{"part":0}' },
    });
    expect(given.run.why("Joined").text).toContain("1 element in Joined waits for the side input AsList/View");
    expect(given.run.status().find(({ step }) => step === "Joined")).toEqual({ step: "Joined", watermark: 5, queued: 1 });
  });

  test("a trigger waits for processing time", async () => {
    const early = { trigger: repeatedly(afterProcessingTime(seconds(5))), accumulation: "discarding" } as const;
    const given = await live(1, (words) => counted(words.apply("Early", windowInto(fixedWindows(10), early))));
    await put(given, 0, 5);
    await given.clock.advanceBy(1_000);
    expect(given.run.why("Text").text).toContain(
      "waits for the watermark to pass 1970-01-01T00:00:00.009Z, or for processing time to reach 1970-01-01T00:00:05.000Z.",
    );
  });

  test("an async step waits for its calls", async () => {
    const given = await live(1, (words) =>
      words.apply(
        "Ask",
        asyncMap(() => new Promise<string>(() => {}), { concurrency: 4 }),
      ),
    );
    given.feed.put(
      0,
      [5, 6].map((timestamp) => ({ value: "a", timestamp })),
    );
    await expect.poll(() => given.run.why("Ask").text).toContain("Ask waits for the calls of 2 elements to end.");
    expect(given.run.why("Ask")).toMatchObject({ at: "Ask", reason: "calls" });
    expect(given.run.status().find(({ step }) => step === "Ask")?.queued).toBe(2);
  });

  test("a sink publishes when its input ends", async () => {
    const sink = {
      name: "Nowhere",
      open: () => ({ write: () => {}, finish: () => Promise.resolve("done") }),
      commit: () => Promise.resolve(),
    };
    const given = await live(1, (words) => words.apply("Write", writeTo(sink)));
    await put(given, 0, 5);
    expect(given.run.why("Write")).toMatchObject({ reason: "commit", until: MAX_INSTANT, watermark: 5, heldBy: { step: "Feed/Read" } });
    expect(given.run.why("Write").text).toContain("publishes what it has written when its input ends.");
  });

  test("after a stop the result says what windows had waited for", async () => {
    const given = await live(1, counted);
    await put(given, 0, 5);
    const result = await given.run.stop();
    expect(result.why("Text")).toMatchObject({ reason: "watermark", until: 9, watermark: 5 });
    expect((await given.run.drain()).state).toBe("STOPPED");
  });

  test("the end of what was read, which drains, leaves nothing to wait for", async () => {
    const given = await live(1, counted);
    await put(given, 0, 5);
    const result = await given.run.drain();
    expect(result.why("Text")).toEqual({
      step: "Text",
      at: "Text",
      reason: "done",
      text: "Text is done. Text has taken 1 element and given 1 element.",
    });
  });
});

describe("where nothing comes out of a run that is done", () => {
  test("the step that let nothing through is named", async () => {
    const result = await directRunner().run((p) => {
      const none = p.apply("Create", create([1, 2])).apply(
        "None",
        filter(() => false),
      );
      none.apply("Next", map(String)).apply("Last", map(String)).apply("Collect", collect());
    });
    for (const step of ["None", "Next", "Last", "Collect"]) {
      expect(result.why(step).text).toBe(`${step} is done. None has taken 2 elements and given 0 elements.`);
    }
    expect(result.why("Create").text).toBe("Create is done. Create has given 2 elements.");
  });

  test("a step that the pipeline does not have is answered with those it has", async () => {
    const result = await directRunner().run((p) => p.apply("Create", create([1])).apply("Lines", map(String)));
    expect(() => result.why("lines")).toThrow(/UNKNOWN_STEP[^]*got: "lines"[^]*fix: give the full path of a step: Lines/);
    expect(() => result.why("Other")).toThrow(/Create, Create\/Impulse, Create\/Split/);
  });
});

test("a test stream says how far its watermark is", async () => {
  const seen: Why[] = [];
  const stream = testStream<string>().addElements(at(5, "a")).advanceWatermarkTo(7).addElements(at(8, "b")).advanceWatermarkToInfinity();
  const run = rxjsRunner().start((p) => {
    const words = p.apply("Stream", stream).apply("Window", windowInto(fixedWindows(10)));
    counted(words);
    words.apply(
      "Look",
      map((word) => void (word === "b" && seen.push(run.why("Count")))),
    );
  });
  await run.done;
  expect(seen[0]).toMatchObject({ reason: "watermark", until: 9, watermark: 7 });
  expect(seen[0]!.text).toContain("the test stream Stream says so");
});

describe("how far steps are", () => {
  test("a read shows its backlog, where its source knows it, and none while it has nothing for now", async () => {
    const [clock, feed] = [manualClock(), new Feed()];
    feed.put(
      0,
      [5, 6, 7].map((timestamp) => ({ value: "a", timestamp })),
    );
    const backlogs: unknown[] = [];
    const backlogNow = (): unknown => run.status().find(({ step }) => step === "Feed/Read")?.backlog;
    const run = rxjsRunner({ elementsPerBundle: 1 }).start(
      (p) => {
        const words = p.apply("Feed", feed.source({ watermark: monotonicWatermark(), backlog: () => 12 }));
        words.apply(
          "Look",
          tap(() => void backlogs.push(backlogNow())),
        );
      },
      {},
      { clock },
    );
    running.push(run);
    await clock.idle();
    expect(backlogs.slice(1)).toEqual([12, 12]);
    expect(backlogNow()).toBe(0);
  });

  test("a step that is done is at the end of time", async () => {
    const run = directRunner().start((p) => p.apply("Create", create([1])).apply("Text", map(String)));
    await run.done;
    expect(new Set(run.status().map(({ watermark }) => watermark))).toEqual(new Set([MAX_INSTANT]));
  });
});

describe("a part that holds the watermark back", () => {
  const slow = 'The part {"part":0} of Feed/Read has held the watermark at 1970-01-01T00:00:00.005Z for';

  test("is warned of after a minute, once until it moves", async () => {
    const given = await live(3, counted);
    await put(given, 0, 5);
    await put(given, 2, 5);
    for (const _ of Array(4)) {
      await given.clock.advanceBy(seconds(14));
      await put(given, 1, 30);
      await put(given, 2, 30);
    }
    expect(given.warnings).toEqual([]);
    for (const _ of Array(3)) {
      await given.clock.advanceBy(seconds(10));
      await put(given, 1, 40);
    }
    expect(given.warnings).toEqual([
      `${slow} 60 s, while others have got to 1970-01-01T00:00:00.030Z: windows wait for it. If there is nothing to come from it, ` +
        "give the source an idleTimeout.",
    ]);
    await put(given, 0, 6);
    await given.clock.advanceBy(seconds(61));
    await put(given, 1, 41);
    await given.clock.advanceBy(seconds(1));
    expect(given.warnings).toHaveLength(2);
  });

  test("is not warned of while all stand still, or when it is idle", async () => {
    const still = await live(2, counted);
    await put(still, 0, 5);
    await put(still, 1, 7);
    await still.clock.advanceBy(seconds(200));
    expect(still.warnings).toEqual([]);
    const idle = await live(2, counted, { idleTimeout: seconds(10) });
    await put(idle, 0, 5);
    await idle.clock.advanceBy(seconds(70));
    await put(idle, 1, 30);
    expect(idle.warnings).toEqual([]);
  });
});
