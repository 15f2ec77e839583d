import { describe, expect, test } from "vitest";
import { EventLog, failureOfRun, runners } from "../support/runs.ts";
import { run } from "../support/scenarios.ts";

/** The calls of each instance, in order; a call that has to wait is written when it begins and when it is done. */
function callsByInstance(events: readonly string[]): readonly (readonly string[])[] {
  const calls = new Map<string, string[]>();
  for (const event of events) {
    const who = event.slice(0, event.indexOf(" "));
    calls.set(who, [...(calls.get(who) ?? []), event.slice(who.length + 1)]);
  }
  return [...calls.values()];
}

/** One call that begins and is done before the next one begins. */
const call = (name: string): readonly string[] => [name, `${name} done`];

describe.each(runners)("a DoFn on %s", (name, make) => {
  // On threads only some of it, since each failure needs a thread of its own.
  describe.each(name === "threadsRunner" ? ["async"] : ["", "async"])("whose lifecycle is %j", (kind) => {
    test("LIFE-01 is set up once, has whole bundles, and is torn down last, call after call", async () => {
      const log = new EventLog();
      await run(make({ elementsPerBundle: 2 }), "lifecycle", `nowhere ${kind}`, { log: log.path });
      const instances = callsByInstance(log.events);
      expect(instances.length).toBeGreaterThan(0);
      const bundle = /^startBundle;startBundle done;(process;process done;)*finishBundle;finishBundle done;/;
      for (const calls of instances) {
        expect(calls.slice(0, 2)).toEqual(call("setup"));
        expect(calls.slice(-2)).toEqual(call("teardown"));
        let bundles = `${calls.slice(2, -2).join(";")};`;
        for (; bundle.test(bundles);) bundles = bundles.replace(bundle, "");
        expect(bundles.replace(";", ""), "nothing outside of a bundle").toBe("");
      }
      expect(instances.flat().filter((event) => event === "process")).toHaveLength(5);
      expect(instances.flat().filter((event) => event === "startBundle").length).toBeGreaterThan(1);
    });

    test.each([
      ["LIFE-02", "setup", ["setup", "teardown"]],
      ["LIFE-03", "startBundle", ["setup", "startBundle", "teardown"]],
      [
        "LIFE-05",
        "finishBundle",
        ["setup", "startBundle", "process", "process", "process", "process", "process", "finishBundle", "teardown"],
      ],
    ])("%s LIFE-06 that throws in %s is torn down, and the run fails with its message", async (__, where, visited) => {
      const log = new EventLog();
      const error = await failureOfRun(run(make(), "lifecycle", `${where} ${kind}`, { log: log.path }));
      expect(error).toMatchObject({ code: "STEP_FAILED", parts: { at: "Checking" }, cause: { message: `cannot ${where}` } });
      expect(callsByInstance(log.events)).toEqual([visited.flatMap(call)]);
    });
  });

  test("LIFE-06 that throws in process is torn down, and the run fails with its message", async () => {
    const log = new EventLog();
    const error = await failureOfRun(run(make(), "lifecycle", "process", { log: log.path }));
    expect(error).toMatchObject({
      code: "STEP_FAILED",
      parts: { at: "Checking", got: "the element 1" },
      cause: { message: "cannot process" },
    });
    expect(callsByInstance(log.events)).toEqual([["setup", "startBundle", "process", "teardown"].flatMap(call)]);
  });

  test("that throws in teardown fails the run with its message", async () => {
    const log = new EventLog();
    const error = await failureOfRun(run(make(), "lifecycle", "teardown", { log: log.path }));
    expect(error).toMatchObject({ code: "STEP_FAILED", parts: { at: "Checking" }, cause: { message: "cannot teardown" } });
  });
});
