import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { create, map } from "millrace";
import { threadsRunner } from "millrace/runners/threads";
import { EventLog, localRunners, runners, settled } from "../support/runs.ts";
import { run, start } from "../support/scenarios.ts";

test.each(
  runners.flatMap(([name, make]) =>
    [
      { partitions: 0 },
      { partitions: 129 },
      { partitions: 1.5 },
      { partitions: NaN },
      { elementsPerBundle: 0 },
      { elementsPerBundle: 0.5 },
    ].map((cut) => [name, cut, make] as const),
  ),
)("%s refuses the cut %o", (_, cut, make) => {
  expect(() => make(cut)).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
});

test.each([0, 129, 2.5, NaN])("threadsRunner refuses %d threads", (threads) => {
  expect(() => threadsRunner({ threads })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
});

describe.each(runners)("a run on %s", (_, make) => {
  test("is RUNNING until it is DONE, and its handle answers what run answers", async () => {
    const running = start(make(), "policies");
    expect(running.state).toBe("RUNNING");
    const result = await running.done;
    expect([running.state, result.state]).toEqual(["DONE", "DONE"]);
    expect(running.metrics({ step: "Skip", name: "elements_in" })).toMatchObject([{ committed: 9 }]);
    expect(running.metrics()).toEqual(result.metrics());
  });

  test("is FAILED when it fails, and says so as often as it is asked", async () => {
    const running = start(make(), "throws", "a text");
    await expect(running.done).rejects.toMatchObject({ code: "STEP_FAILED" });
    expect(running.state).toBe("FAILED");
    await expect(running.done).rejects.toMatchObject({ code: "STEP_FAILED" });
    await expect(running.cancel()).rejects.toMatchObject({ code: "STEP_FAILED" });
  });

  test("that is cancelled in the middle of a long read ends soon, as CANCELLED, and publishes nothing", async () => {
    const log = new EventLog();
    const running = start(make(), "endless", "to a sink", { log: log.path });
    await log.until("read 10");
    const { state } = await running.cancel();
    expect([state, running.state]).toEqual(["CANCELLED", "CANCELLED"]);
    expect(log.events.filter((event) => event.includes("commit"))).toEqual([]);
    expect((await running.cancel()).state, "a second cancel changes nothing").toBe("CANCELLED");
  });

  test("that is cancelled as it starts ends as CANCELLED", async () => {
    const log = new EventLog();
    const { state } = await start(make(), "endless", "", { log: log.path }).cancel();
    expect(state).toBe("CANCELLED");
    expect(log.events).not.toContain("read 10");
  });

  test("that is done is not cancelled any more", async () => {
    const running = start(make(), "policies");
    await running.done;
    expect((await running.cancel()).state).toBe("DONE");
    expect(running.state).toBe("DONE");
  });

  test("is cancelled by its signal, and listens to it no longer than it runs", async () => {
    const log = new EventLog();
    const ending = new AbortController();
    const running = start(make(), "endless", "to a sink", { log: log.path, signal: ending.signal });
    expect(getEventListeners(ending.signal, "abort")).toHaveLength(1);
    await log.until("read 10");
    ending.abort();
    expect((await running.done).state).toBe("CANCELLED");
    expect(getEventListeners(ending.signal, "abort")).toEqual([]);
    expect(log.events.filter((event) => event.includes("commit"))).toEqual([]);
  });

  test("does nothing when its signal has aborted already", async () => {
    const log = new EventLog();
    const { state } = await run(make(), "sinks", "", { log: log.path, signal: AbortSignal.abort() });
    expect(state).toBe("CANCELLED");
    expect(log.events).toEqual([]);
  });

  test("that ended in time is not changed by what its signal says afterwards", async () => {
    const ending = new AbortController();
    const running = start(make(), "policies", "", { signal: ending.signal });
    await running.done;
    expect(getEventListeners(ending.signal, "abort")).toEqual([]);
    ending.abort();
    await settled();
    expect(running.state).toBe("DONE");
  });

  test("does not depend on other runs of the same runner at the same time", async () => {
    const runner = make();
    const results = await Promise.all([
      run(runner, "policies"),
      run(runner, "throws", "a text").catch(() => "failed"),
      run(runner, "policies"),
    ]);
    expect(results[1]).toBe("failed");
    for (const result of [results[0], results[2]])
      expect((result as Awaited<ReturnType<typeof run>>).metrics({ step: "Skip", name: "skipped" })).toMatchObject([{ committed: 3 }]);
  });
});

describe.each(localRunners)("a run on %s", (_, make) => {
  test("builds its graph before start returns, and runs nothing yet", async () => {
    const calls: string[] = [];
    const running = make().start((p) => {
      calls.push("built");
      p.apply(create([1])).apply(map((n) => (calls.push("ran"), n)));
    });
    expect(calls).toEqual(["built"]);
    await running.done;
    expect(calls).toEqual(["built", "ran"]);
  });

  test("gives the event loop its turn while it works", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const busy = (n: number): number => {
      const end = performance.now() + 5;
      while (performance.now() < end);
      return n;
    };
    await make({ elementsPerBundle: 1 }).run((p) => void p.apply(create(Array.from({ length: 30 }, (_, i) => i))).apply(map(busy)));
    clearInterval(timer);
    // 150 ms of work in turns of 20 ms: a timer that is due every ms must have had some of its own.
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  test("says that a handle is none of its own", async () => {
    const result = await make().run((p) => void p.apply(create([1])));
    expect(() => result.collected({} as never)).toThrow(expect.objectContaining({ code: "NOT_COLLECTED" }));
  });
});
