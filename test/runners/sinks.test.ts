import { afterEach, describe, expect, test } from "vitest";
import { EventLog, failureOfRun, runners, settled, until } from "../support/runs.ts";
import { outputsOf, run, start } from "../support/scenarios.ts";
import { hooks } from "./pipelines/scenarios.ts";

afterEach(() => {
  hooks.onCommit = () => {};
});

const commits = ({ events }: EventLog): readonly string[] => events.filter((event) => event.includes("commit"));
const aborted = ({ events }: EventLog): readonly string[] => events.filter((event) => event.endsWith("is aborted"));

describe.each(runners)("sinks on %s", (_, make) => {
  test("are committed in the order of the graph, when everything was written, and what follows comes after", async () => {
    const log = new EventLog();
    const outputs = await outputsOf(make(), "sinks", "", { log: log.path });
    expect(outputs).toEqual({ first: ["First 0: abc"], second: ["Second 0: abc"] });
    expect(commits(log)).toEqual([
      "First commits on the main thread",
      "First has committed First 0: abc",
      "Second commits on the main thread",
      "Second has committed Second 0: abc",
    ]);
    const place = (event: string): number => log.events.indexOf(event);
    for (const name of ["First", "Second"]) {
      expect(place(`${name} finishes 0`)).toBeLessThan(place("First commits on the main thread"));
      expect(place(`${name} 0: abc arrived behind ${name}`)).toBeGreaterThan(place(`${name} has committed ${name} 0: abc`));
    }
    expect(aborted(log)).toEqual([]);
  });

  test("are opened and finished although nothing is to be written", async () => {
    const log = new EventLog();
    const outputs = await outputsOf(make(), "sinks", "no elements", { log: log.path });
    expect(outputs).toEqual({ first: ["First 0: "], second: ["Second 0: "] });
    expect(log.events).toContain("First opens 0 of epoch 0");
    expect(log.events).not.toContain("First writes");
  });

  test("are finished once, when all was written, however many bundles there are", async () => {
    const log = new EventLog();
    const outputs = await outputsOf(make({ elementsPerBundle: 1 }), "sinks", "", { log: log.path });
    expect(outputs).toEqual({ first: ["First 0: abc"], second: ["Second 0: abc"] });
    const first = log.events.filter((event) => /^First (writes|finishes)/.test(event));
    expect(first.length).toBeGreaterThan(2);
    expect(first.indexOf("First finishes 0"), "the last of all").toBe(first.length - 1);
  });

  test("have a writer for each shard, whether elements come to it or not, and one commit", async () => {
    const log = new EventLog();
    const { first } = await outputsOf(make({ elementsPerBundle: 1 }), "sinks", "three shards", { log: log.path });
    expect(first!.map((part) => String(part).slice(0, "First 0".length)).toSorted()).toEqual(["First 0", "First 1", "First 2"]);
    const letters = first!.flatMap((part) => String(part).slice("First 0: ".length).split(""));
    expect(letters.toSorted()).toEqual(["a", "b", "c"]);
    expect(commits(log).filter((event) => event.startsWith("First commits"))).toHaveLength(1);
  });

  test.each([
    ["a step fails", "STEP_FAILED", "Pass"],
    ["First fails to open", "SINK_FAILED", "First"],
    ["Second fails to write", "SINK_FAILED", "Second"],
    ["First fails to finish", "SINK_FAILED", "First"],
  ])("publish nothing when %s", async (how, code, at) => {
    const log = new EventLog();
    // One element at a time, so that something was written before the step fails.
    const error = await failureOfRun(run(make({ elementsPerBundle: 1 }), "sinks", how, { log: log.path }));
    expect(error).toMatchObject({ code, parts: { at }, cause: { message: expect.stringContaining("cannot") } });
    expect(commits(log)).toEqual([]);
  });

  test("tell writers that are open when the run fails", async () => {
    const log = new EventLog();
    await failureOfRun(run(make({ elementsPerBundle: 1 }), "sinks", "Second fails to write", { log: log.path }));
    await until(() => aborted(log).includes("Second is aborted"));
    expect(commits(log)).toEqual([]);
  });

  test("say that nothing was published when the first commit fails, and the second is not tried", async () => {
    const log = new EventLog();
    const error = await failureOfRun(run(make(), "sinks", "First fails to commit", { log: log.path }));
    expect(error).toMatchObject({ code: "SINK_FAILED", parts: { at: "First" }, cause: { message: "First cannot commit" } });
    expect((error as Error).message).not.toContain("published");
    expect(commits(log)).toEqual(["First commits on the main thread"]);
    expect(aborted(log)).toContain("Second is aborted");
  });

  test("name what was published when a later commit fails", async () => {
    const log = new EventLog();
    const error = await failureOfRun(run(make(), "sinks", "Second fails to commit", { log: log.path }));
    expect(error).toMatchObject({
      code: "SINK_FAILED",
      parts: { at: "Second", got: expect.stringMatching(/published already: First$/) },
      cause: { message: "Second cannot commit" },
    });
    expect(commits(log)).toContain("First has committed First 0: abc");
  });

  test("publish nothing when the run is cancelled while they write, and writers are told", async () => {
    const log = new EventLog();
    const running = start(make(), "sinks", "First writes for ever", { log: log.path });
    await log.until("First writes");
    const { state } = await running.cancel();
    expect([state, running.state]).toEqual(["CANCELLED", "CANCELLED"]);
    await until(() => aborted(log).includes("First is aborted"));
    expect(commits(log)).toEqual([]);
  });

  test("finish the commit that a cancel comes into, all of them, and take nothing away meanwhile", async () => {
    const log = new EventLog();
    const running = start(make(), "sinks", "", { log: log.path });
    let cancelled: Promise<unknown> | undefined;
    hooks.onCommit = async () => {
      cancelled ??= running.cancel();
      await settled();
      expect(aborted(log)).toEqual([]);
    };
    const { state } = await running.done;
    await cancelled;
    expect(state, "it has published").toBe("DONE");
    expect(commits(log)).toEqual([
      "First commits on the main thread",
      "First has committed First 0: abc",
      "Second commits on the main thread",
      "Second has committed Second 0: abc",
    ]);
  });
});
