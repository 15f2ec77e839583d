import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  combinePerKey,
  count,
  create,
  fixedWindows,
  flatMap,
  groupByKey,
  keyBy,
  map,
  output,
  parDo,
  reshuffle,
  windowInto,
  withTimestamps,
  writeTo,
  type Sink,
} from "millrace";
import type { Cut } from "millrace/runners/direct";
import { localRunners } from "../support/runs.ts";

describe.each(localRunners)("on %s", (_, make) => {
  test("sinks are committed once, even if the commit keeps the thread for longer than a turn", async () => {
    const commits: unknown[] = [];
    const slow: Sink<string, string> = {
      name: "Slow",
      open: () => ({ write: () => {}, finish: async () => "part" }),
      async commit(parts) {
        commits.push(parts);
        const end = performance.now() + 25;
        while (performance.now() < end);
        for (let i = 0; i < 5; i++) await setImmediate();
      },
    };
    await make().run((p) => void p.apply(create(["a"])).apply(writeTo(slow)));
    expect(commits).toEqual([["part"]]);
  });

  test("a run that was cancelled while it committed is not CANCELLED, since it has published", async () => {
    const published: string[] = [];
    const sink = (name: string): Sink<string, string> => ({
      name,
      open: () => ({ write: () => {}, finish: async () => name }),
      async commit() {
        void running.cancel();
        await setImmediate();
        published.push(name);
      },
    });
    const running = make().start((p) => {
      const input = p.apply(create(["a"]));
      for (const name of ["First", "Second"]) input.apply(name, writeTo(sink(name)));
    });
    const { state } = await running.done;
    expect(published).toEqual(["First", "Second"]);
    expect(state).toBe("DONE");
  });

  test("a commit that fails, fails the run, although a cancel has come in between", async () => {
    const sink = (name: string): Sink<string, string> => ({
      name,
      open: () => ({ write: () => {}, finish: async () => name }),
      async commit() {
        running.cancel().catch(() => {});
        await setImmediate();
        if (name === "Second") throw new Error("cannot commit");
      },
    });
    const running = make().start((p) => {
      const input = p.apply(create(["a"]));
      for (const name of ["First", "Second"]) input.apply(name, writeTo(sink(name)));
    });
    await expect(running.done).rejects.toMatchObject({
      code: "SINK_FAILED",
      parts: { at: "Second", got: expect.stringContaining("First") },
    });
  });

  test("the error of a run is what failed it, and not what a teardown throws afterwards", async () => {
    const run = make().run((p) => {
      p.apply(create(["a"]))
        .apply(
          "First",
          parDo({
            output: output<string>(),
            process: (x, ctx) => ctx.output(x),
            teardown() {
              throw new Error("cannot tear down");
            },
          }),
        )
        .apply(reshuffle())
        .apply(
          "Second",
          map(() => {
            throw new Error("the reason");
          }),
        );
    });
    await expect(run).rejects.toMatchObject({ cause: { message: "the reason" } });
  });

  test("a teardown that throws keeps no other instance from being torn down", async () => {
    const tornDown: string[] = [];
    const failing = (name: string) =>
      parDo({
        output: output<string>(),
        process: (x: string, ctx) => ctx.output(x),
        teardown() {
          tornDown.push(name);
          throw new Error(`cannot tear down ${name}`);
        },
      });
    await make()
      .run(
        (p) =>
          void p
            .apply(create(["a"]))
            .apply("A", failing("A"))
            .apply("B", failing("B"))
            .apply(reshuffle())
            .apply("C", failing("C")),
      )
      .catch(() => {});
    expect(tornDown.toSorted()).toEqual(["A", "B", "C"]);
  });

  test("late elements are counted one by one, whether they were combined before they were sent or not", async () => {
    const droppedBy = async (cut: Cut): Promise<number> => {
      const result = await make(cut).run((p) => {
        p.apply(create([1, 2, 3, 4], { timestampOf: () => 5 }))
          .apply("First", windowInto(fixedWindows(10)))
          .apply(keyBy(() => "k"))
          .apply("Group", groupByKey())
          .apply(flatMap(([, values]) => values))
          .apply(withTimestamps(() => -100, { allowedSkew: 1_000 }))
          .apply("Second", windowInto(fixedWindows(10)))
          .apply(
            "KeyAgain",
            keyBy(() => "k"),
          )
          .apply("Count", combinePerKey(count()));
      });
      return result.metrics({ step: "Count", name: "dropped_late", kind: "counter" })[0]!.committed;
    };
    expect(await droppedBy({ partitions: 1 })).toBe(4);
    expect(await droppedBy({ partitions: 2 })).toBe(4);
  });
});
