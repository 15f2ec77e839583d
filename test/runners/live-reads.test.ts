import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  countPerElement,
  create,
  fixedWindows,
  flatten,
  map,
  monotonicWatermark,
  seconds,
  tap,
  unboundedSource,
  wallClockWatermark,
  windowInto,
  type OffsetRange,
  type PCollection,
  type RunningPipeline,
} from "millrace";
import { writeText } from "millrace/io/text";
import { rxjsRunner } from "millrace/runners/rxjs";
import { manualClock } from "millrace/testing";
import { Feed } from "../support/feed.ts";
import { ownFolder, settled } from "../support/runs.ts";

/** A run of a feed on a clock that the test moves, and what came out of its windows of ten. */
class FeedRun {
  readonly clock = manualClock();
  readonly feed: Feed;
  readonly seen: string[] = [];
  readonly running: RunningPipeline;

  constructor(parts: number, settings: { readonly idleTimeout?: number } = {}, cut = {}) {
    this.feed = new Feed(parts);
    const source = this.feed.source({ watermark: monotonicWatermark(), ...settings });
    this.running = rxjsRunner(cut).start(
      (p) => {
        const words = p.apply(source).apply(windowInto(fixedWindows(10)));
        words.apply(
          "Seen",
          tap((word) => void this.seen.push(word)),
        );
        words.apply(countPerElement()).apply(tap(([word, n], { window }) => void this.seen.push(`${word} ${n} by ${window.maxTimestamp}`)));
      },
      {},
      { clock: this.clock },
    );
    this.running.done.catch(() => {});
  }

  async put(part: number, ...elements: readonly (readonly [value: string, timestamp: number])[]): Promise<readonly string[]> {
    this.feed.put(
      part,
      elements.map(([value, timestamp]) => ({ value, timestamp })),
    );
    await this.clock.idle();
    return this.take();
  }

  async advance(ms: number): Promise<readonly string[]> {
    await this.clock.advanceBy(ms);
    return this.take();
  }

  take(): readonly string[] {
    return this.seen.splice(0);
  }
}

describe("reads that rest", () => {
  test("a read that is woken goes on before its delay is over", async () => {
    const run = new FeedRun(1);
    await run.clock.idle();
    expect(await run.put(0, ["a", 1])).toEqual(["a"]);
    const looks = run.feed.looks[0]!;
    expect(await run.advance(999)).toEqual([]);
    expect(run.feed.looks[0]).toBe(looks);
    await run.running.cancel();
  });

  test("one that nobody wakes goes on when its delay is over", async () => {
    const run = new FeedRun(1);
    await run.clock.idle();
    run.feed.put(0, [{ value: "a", timestamp: 1 }], { isTold: false });
    expect(await run.advance(999)).toEqual([]);
    expect(await run.advance(1)).toEqual(["a"]);
    await run.running.cancel();
  });

  test("to be woken too often does no harm, and nobody listens when the run is over", async () => {
    const run = new FeedRun(3, {}, { partitions: 2 });
    await run.clock.idle();
    for (let i = 0; i < 5; i++) run.feed.put(i % 3, []);
    expect(await run.put(1, ["a", 1])).toEqual(["a"]);
    expect(run.feed.listeners).toBe(3);
    expect((await run.running.cancel()).state).toBe("CANCELLED");
    expect(run.feed.listeners).toBe(0);
  });

  test("what is committed is told to the source once, and only then", async () => {
    const run = new FeedRun(1);
    await run.clock.idle();
    await run.put(0, ["a", 1], ["b", 2]);
    expect(run.feed.committed).toEqual(["a", "b"]);
    await run.put(0, ["c", 3]);
    expect(run.feed.committed).toEqual(["a", "b", "c"]);
    await run.running.drain();
    expect(run.feed.committed).toEqual(["a", "b", "c"]);
  });

  test("a read that awaits something holds up neither the others nor the end", async () => {
    const clock = manualClock();
    const feed = new Feed(1);
    const seen: string[] = [];
    let isReleased = false;
    const silent = unboundedSource<string, OffsetRange>({
      name: "Silent",
      watermark: wallClockWatermark(),
      restriction: () => ({ from: 0, to: Infinity }),
      split: (whole) => [whole],
      async *read(_range, tracker, { signal }) {
        try {
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("nobody waits any more"))));
          tracker.tryClaim(Infinity);
          yield { values: [] };
        } finally {
          isReleased = true;
        }
      },
    });
    const running = rxjsRunner().start(
      (p) => {
        const both: readonly PCollection<string>[] = [p.apply(silent), p.apply(feed.source({ watermark: monotonicWatermark() }))];
        flatten(both).apply(tap((word) => void seen.push(word)));
      },
      {},
      { clock },
    );
    await clock.idle();
    feed.put(0, [{ value: "a", timestamp: 1 }]);
    await clock.idle();
    expect(seen).toEqual(["a"]);
    expect((await running.drain()).state).toBe("DRAINED");
    await settled();
    expect(isReleased).toBe(true);
  });
});

describe("the watermark of a source", () => {
  test("is that of its slowest part", async () => {
    const run = new FeedRun(2);
    await run.clock.idle();
    expect(await run.put(0, ["a", 1], ["b", 25])).toEqual(["a", "b"]);
    expect(await run.put(1, ["c", 2])).toEqual(["c"]);
    expect((await run.put(1, ["d", 12])).toSorted()).toEqual(["a 1 by 9", "c 1 by 9", "d"]);
    await run.running.cancel();
  });

  test("an idle part leaves the watermark to the others, and comes back", async () => {
    const run = new FeedRun(2, { idleTimeout: 5_000 });
    await run.clock.idle();
    await run.put(0, ["a", 1]);
    await run.put(1, ["b", 2]);
    await run.advance(4_000);
    expect(await run.put(0, ["c", 15])).toEqual(["c"]);
    expect(await run.advance(999)).toEqual([]);
    // Nothing came in the second part for five seconds.
    expect((await run.advance(1)).toSorted()).toEqual(["a 1 by 9", "b 1 by 9"]);
    // It comes back, behind the watermark: what is late is dropped, and it holds the others up again.
    expect(await run.put(1, ["late", 3], ["d", 16])).toEqual(["late", "d"]);
    expect(run.running.metrics({ name: "dropped_late" }).reduce((sum, { committed }) => sum + (committed as number), 0)).toBe(1);
    expect(await run.put(0, ["e", 35])).toEqual(["e"]);
    expect((await run.put(1, ["f", 35])).toSorted()).toEqual(["c 1 by 19", "d 1 by 19", "f"]);
    await run.running.cancel();
  });

  test("where all parts are idle the watermark stays", async () => {
    const run = new FeedRun(2, { idleTimeout: 5_000 });
    await run.clock.idle();
    await run.put(0, ["a", 1]);
    await run.put(1, ["b", 2]);
    expect(await run.advance(60_000)).toEqual([]);
    expect((await run.put(0, ["c", 11])).toSorted()).toEqual(["a 1 by 9", "b 1 by 9", "c"]);
    await run.running.cancel();
  });

  test("goes to the end of time when all parts are over", async () => {
    const run = new FeedRun(2);
    await run.clock.idle();
    await run.put(0, ["a", 1]);
    run.feed.end(0);
    run.feed.end(1);
    expect((await run.running.done).state).toBe("DONE");
    expect(run.take()).toEqual(["a 1 by 9"]);
  });
});

describe("the end of a run that would go on for ever", () => {
  /** A feed that is written to a file, beside windows that stay open and elements that end. */
  function writing() {
    const path = join(ownFolder(), "words.txt");
    const clock = manualClock();
    const feed = new Feed(1);
    const panes: string[] = [];
    const running = rxjsRunner().start(
      (p) => {
        const words = p.apply(feed.source({ watermark: monotonicWatermark() }));
        words.apply(writeText(path));
        const others = p.apply(create(["x"], { timestampOf: () => 5 }));
        flatten([words, others]).pipe(
          windowInto(fixedWindows(seconds(1))),
          countPerElement(),
          map(([word, n]) => void panes.push(`${word} ${n}`)),
        );
      },
      {},
      { clock },
    );
    return { path, clock, feed, panes, running, written: () => readFileSync(path, "utf8") };
  }

  test("a stop works on what was read, leaves windows open and commits sinks", async () => {
    const { clock, feed, panes, running, written } = writing();
    await clock.idle();
    feed.put(0, [
      { value: "a", timestamp: 1 },
      { value: "b", timestamp: 2 },
    ]);
    await clock.idle();
    feed.put(0, [{ value: "unread", timestamp: 3 }], { isTold: false });
    expect((await running.stop()).state).toBe("STOPPED");
    expect(panes).toEqual([]);
    expect(written()).toBe("a\nb\n");
    expect(feed.listeners).toBe(0);
  });

  test("a drain ends all windows, and reads what is bounded to its end", async () => {
    const { clock, feed, panes, running, written } = writing();
    await clock.idle();
    feed.put(0, [{ value: "a", timestamp: 1 }]);
    await clock.idle();
    expect((await running.drain()).state).toBe("DRAINED");
    expect(panes.toSorted()).toEqual(["a 1", "x 1"]);
    expect(written()).toBe("a\n");
  });

  test("a cancel publishes nothing", async () => {
    const { clock, feed, path, running } = writing();
    await clock.idle();
    feed.put(0, [{ value: "a", timestamp: 1 }]);
    await clock.idle();
    expect((await running.cancel()).state).toBe("CANCELLED");
    expect(() => readFileSync(path)).toThrow(/ENOENT/);
    expect(feed.listeners).toBe(0);
  });

  test("stop and drain of a run that is over change nothing", async () => {
    const running = rxjsRunner().start((p) => void p.apply(create([1])));
    expect((await running.done).state).toBe("DONE");
    expect((await running.stop()).state).toBe("DONE");
    expect((await running.drain()).state).toBe("DONE");
    expect(running.state).toBe("DONE");
  });
});
