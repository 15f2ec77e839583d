import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import {
  afterProcessingTime,
  asyncMap,
  create,
  generate,
  groupByKey,
  globalWindows,
  map,
  repeatedly,
  seconds,
  tap,
  windowInto,
  withKeys,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { fromObservable, rxjsRunner } from "millrace/runners/rxjs";
import { manualClock, testStream } from "millrace/testing";
import { Calls } from "../support/async-run.ts";
import { ownFolder, runners, settled } from "../support/runs.ts";
import { panes, timers } from "./pipelines/by-the-clock.ts";

function linesIn(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  } catch {
    return []; // nothing has happened yet
  }
}

describe.each(runners)("a manual clock on %s", (name, make) => {
  test("fires timers and goes on with reads when the test has moved it to their times, and each sees its own time", async () => {
    const log = join(ownFolder(), "log.txt");
    const clock = manualClock();
    const running = make().start(timers, { log }, { clock });
    await clock.idle();
    expect(linesIn(log)).toEqual(["0 at 0"]);
    await clock.advanceBy(99);
    expect(linesIn(log)).toEqual(["0 at 0"]);
    await clock.advanceBy(1);
    expect(linesIn(log)).toEqual(["0 at 0", "alarm at 100"]);
    await clock.advanceBy(200);
    expect(linesIn(log).slice(2)).toEqual(["1 at 250"]);
    // The last element ends the input, and an alarm that no window waits for is forgotten.
    await clock.advanceBy(seconds(10));
    expect(linesIn(log).slice(3)).toEqual(["alarm at 350", "2 at 500"]);
    expect((await running.done).state).toBe("DONE");
  });

  test.skipIf(name === "directRunner")("moves a source without an end, and triggers that wait", async () => {
    const log = join(ownFolder(), "log.txt");
    const clock = manualClock();
    const running = make().start(panes, { log }, { clock });
    await clock.advanceTo(999);
    expect(linesIn(log)).toEqual([]);
    await clock.advanceTo(1_000);
    expect(linesIn(log)).toEqual(["3 at 1000"]);
    await clock.advanceTo(2_200);
    expect((await running.done).state).toBe("DONE");
    // The rest is on time, when the source is over: it was known at 1,600 that nothing comes after that.
    expect(linesIn(log)).toEqual(["3 at 1000", "2 at 1600"]);
  });
});

describe("a manual clock", () => {
  test("comes back only when calls that are under way are done", async () => {
    const clock = manualClock(5_000);
    const calls = new Calls();
    const seen: unknown[] = [];
    const running = directRunner().start(
      (p) => {
        p.apply(create([1, 2])).pipe(
          asyncMap(calls.call, { concurrency: 2 }),
          windowInto(globalWindows(), { trigger: repeatedly(afterProcessingTime(seconds(1))), accumulation: "discarding" }),
          withKeys("k"),
          groupByKey(),
          map(([, texts], ctx) => void seen.push([ctx.processingTime, ...texts])),
        );
      },
      {},
      { clock },
    );
    let isBack = false;
    const advanced = clock.advanceBy(2_000).then(() => (isBack = true));
    await settled();
    expect([isBack, clock.now]).toEqual([false, 5_000]);
    await calls.finish(1, 2);
    await advanced;
    expect((await running.done).state).toBe("DONE");
    expect(seen.flat()).toEqual([expect.any(Number), "done 1", "done 2"]);
  });

  test("notices what comes from outside while it stands still", async () => {
    const clock = manualClock();
    const pushed = new Subject<number>();
    const seen: unknown[] = [];
    const running = rxjsRunner().start(
      (p) => void p.apply(fromObservable(pushed, { unbounded: true })).apply(map((n, ctx) => seen.push([n, ctx.timestamp]))),
      {},
      { clock },
    );
    await clock.advanceBy(70);
    pushed.next(1);
    await clock.idle();
    expect(seen).toEqual([[1, 70]]);
    await clock.advanceBy(5);
    pushed.next(2);
    await clock.idle();
    expect(seen).toEqual([
      [1, 70],
      [2, 75],
    ]);
    expect((await running.drain()).state).toBe("DRAINED");
    await clock.advanceBy(1_000); // a run that has ended holds nobody up
  });

  test("is shared by runs, which take turns at their deadlines", async () => {
    const clock = manualClock();
    const seen: string[] = [];
    const running = ["a", "b"].map((name, i) =>
      rxjsRunner().start(
        (p) =>
          void p
            .apply(generate({ perSecond: 2 - i, count: 3 }))
            .apply(tap((n, ctx) => void seen.push(`${name}${n} ${ctx.processingTime}`))),
        {},
        { clock },
      ),
    );
    await clock.advanceBy(2_000);
    expect(seen.toSorted()).toEqual(["a0 0", "a1 500", "a2 1000", "b0 0", "b1 1000", "b2 2000"]);
    for (const each of running) expect((await each.done).state).toBe("DONE");
  });

  test("does not go back, and stands at whole milliseconds", async () => {
    const clock = manualClock(10);
    await expect(clock.advanceTo(9)).rejects.toThrow(/BAD_ARGUMENT.*does not go back/);
    await expect(clock.advanceBy(-1)).rejects.toThrow(/BAD_ARGUMENT/);
    expect(() => manualClock(0.5)).toThrow(/BAD_ARGUMENT/);
  });

  test("is refused beside a test stream, which says itself what time it is", async () => {
    const run = directRunner().run((p) => void p.apply("Events", testStream<number>().addElements(1)), {}, { clock: manualClock() });
    await expect(run).rejects.toMatchObject({ code: "BAD_OPTION", message: expect.stringMatching(/test stream[^]*Events/) });
  });
});
