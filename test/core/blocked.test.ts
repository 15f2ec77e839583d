import { describe, expect, test } from "vitest";
import {
  asList,
  create,
  fixedWindows,
  globalWindow,
  impulse,
  map,
  MAX_INSTANT,
  MIN_INSTANT,
  reshuffle,
  windowInto,
  type Instant,
  type Pipeline,
} from "millrace";
import type { Label } from "../../runners/core/batch.ts";
import type { Blocked } from "../../runners/core/side-inputs/gate.ts";
import { HandDriven } from "../support/hand-driven.ts";

/** A step that reads two views of another source, all in windows of 10. */
function reading(p: Pipeline): void {
  const source = p
    .apply("SideSource", impulse())
    .apply("Side", reshuffle())
    .apply("SideWindows", windowInto(fixedWindows(10)));
  const sideInputs = { first: asList(source), second: asList(source) };
  p.apply("Source", impulse())
    .apply("MainWindows", windowInto(fixedWindows(10)))
    .apply(
      "Read",
      map((n) => n, { sideInputs }),
    )
    .apply("Next", reshuffle());
}

const VIEW = "AsList/GroupByKey";
const SECOND = "AsList2/GroupByKey";

/** A run in which the only elements of the main source wait for the view in its first window. */
interface Waiting {
  readonly run: HandDriven;
  readonly waiting: Label;
  /** What follows when a view, the first one unless it is said, has got a pane of a window. */
  readonly show: (windowEnd: Instant, now?: Instant, view?: string) => void;
}

/** @param hold - where the step in front of the view holds the watermark. */
function begun(hold: Instant, now: Instant = 0): Waiting {
  const run = new HandDriven(reading);
  run.commit(run.next("Source", now), { out: [run.label("Read", { earliest: 5, size: 3 })] });
  const bundle = run.next("Read", now);
  const [waiting] = bundle.batches;
  run.commit(bundle, { blocked: [waitingFor(waiting!, 0, 9)] });
  run.commit(run.next("SideSource", now), { out: [run.label("Side")] });
  run.commit(run.next("Side", now), { hold });
  const { stages, collects } = run.plan;
  const show: Waiting["show"] = (windowEnd, at = now, view = VIEW) => {
    run.bring(run.label(view), at);
    const pane = { ...run.label("Read"), target: stages.length + collects.length + (view === VIEW ? 0 : 1), windowEnd };
    run.commit(run.next(view, at), { out: [pane] });
  };
  return { run, waiting: waiting!, show };
}

/** Elements that wait for a view in its window with this end. */
const waitingFor = (batch: Label, view: number, windowEnd: Instant): Blocked<Label> => ({ batch, view, windowEnd, readyAfter: windowEnd });

describe("elements that wait for a side input", () => {
  test("hold the watermark, and go on when a pane of their window has come", () => {
    const { run, waiting, show } = begun(MIN_INSTANT);
    const shown: Instant[] = [];
    run.scheduler.onView = (view, pane) => void (view === 0 && shown.push(pane.windowEnd!));
    expect(run.takePaths()).toEqual([]);
    expect(run.inputWatermark("Next")).toBe(5);
    show(19);
    expect(run.takePaths(), "another window").toEqual([]);
    show(9, 0, SECOND);
    expect(run.takePaths(), "another view").toEqual([]);
    show(9);
    expect(shown).toEqual([19, 9]);
    const bundle = run.next("Read");
    expect(bundle.batches).toEqual([waiting]);
    expect(run.inputWatermark("Next"), "it is out").toBe(5);
    run.commit(bundle);
    expect(run.inputWatermark("Next")).toBe(MAX_INSTANT);
  });

  test("go on when it is known that no pane will come", () => {
    const { run, waiting } = begun(9);
    expect(run.takePaths(), "the watermark stands at the end").toEqual([]);
    run.bring(run.label("Side"));
    run.run("Side", { hold: 10 });
    expect(run.next("Read")).toMatchObject({ viewWatermarks: [10, 10], batches: [waiting] });
  });

  test("may have to wait once more", () => {
    const { run, waiting, show } = begun(MIN_INSTANT);
    show(9);
    run.commit(run.next("Read"), { blocked: [waitingFor(waiting, 1, 9)] });
    show(9);
    expect(run.takePaths()).toEqual([]);
    show(9, 0, SECOND);
    expect(run.next("Read").batches).toEqual([waiting]);
  });

  test("hold synchronized processing time where they came, also when they go on", () => {
    const { run, show } = begun(MIN_INSTANT, 2_048);
    const timeAtNext = (now: Instant): Instant => {
      run.bring(run.label("Next", { earliest: MAX_INSTANT, size: 0 }), now);
      const next = run.next("Next", now);
      run.commit(next);
      return next.synchronizedProcessingTime;
    };
    expect(timeAtNext(8_192)).toBe(2_048);
    show(9, 8_192);
    expect(timeAtNext(8_192), "it waits to be worked on").toBe(2_048);
    run.commit(run.next("Read", 8_192));
    expect(timeAtNext(16_384)).toBe(16_384);
  });
});

describe("reads", () => {
  const TOO_MANY = 256 * 1_024 + 1;

  /** So many elements wait for a view, and both sources have more to read. */
  function begunReads(waiting: number): HandDriven {
    const run = new HandDriven((p) => {
      const side = asList(p.apply("SideSource", create([1])));
      p.apply("Source", create([1])).apply(
        "Read",
        map((n) => n, { sideInputs: { side } }),
      );
    });
    const split = (source: string): void => {
      run.run(`${source}/Impulse`, { out: [run.label(`${source}/Split`)] });
      run.run(`${source}/Split`, { out: [run.label(`${source}/Read`)] });
    };
    split("Source");
    run.run("Source/Read", { out: [run.label("Read", { size: waiting })], residuals: [run.label("Source/Read")] });
    const bundle = run.next("Read");
    run.commit(bundle, { blocked: [waitingFor(bundle.batches[0]!, 0, globalWindow.maxTimestamp)] });
    if (waiting < TOO_MANY) return run;
    split("SideSource");
    return run;
  }

  test("wait while too much waits for a side input, but not those that it needs", () => {
    const run = begunReads(TOO_MANY);
    const side = run.next("SideSource/Read");
    expect(run.takePaths()).toEqual([]);
    const { stages, collects } = run.plan;
    run.commit(side, { out: [{ ...run.label("Read"), target: stages.length + collects.length, windowEnd: globalWindow.maxTimestamp }] });
    const bundle = run.next("Read");
    expect(run.take(), "what goes on waits like all others").toEqual([]);
    run.commit(bundle);
    expect(run.takePaths()).toEqual(["Source/Read"]);
  });

  test("go on while no more waits than may", () => {
    // One is what the other source begins with.
    expect(begunReads(TOO_MANY - 2).takePaths()).toContain("Source/Read");
  });
});
