/** A fault that is put into the engine, and the tests that have to notice it. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly before: string;
  readonly after: string;
  /** Files of tests, at least one of which fails. */
  readonly tests: readonly string[];
}

const scheduler = "runners/core/scheduler.ts";
/** Pipelines under unlucky timing, by seed. */
const simulation = ["test/simulation"];
const singlePane = "runners/core/groupings/single-pane-grouping.ts";
const merge = "runners/core/spill/merge.ts";
const sortedRun = "runners/core/spill/sorted-run.ts";
const panes = "runners/core/groupings/merging-windows.ts";

/** Faults of the kind that users of stream processors have lost data by. */
export const mutants: readonly Mutant[] = [
  {
    name: "watermarks move before the outputs of a bundle are filed",
    file: scheduler,
    before: "    for (const batch of result.batches) {\n      const view",
    after:
      "    const out = partition.inFlight;\n    partition.inFlight = undefined;\n    this.#refreshWatermarks();\n    partition.inFlight = out;\n" +
      "    for (const batch of result.batches) {\n      const view",
    tests: ["test/core/scheduler.test.ts"],
  },
  {
    name: "an output watermark goes back",
    file: scheduler,
    before: "state.outputWatermark = Math.max(state.outputWatermark, Math.min(state.inputWatermark, hold));",
    after: "state.outputWatermark = Math.min(state.inputWatermark, hold);",
    tests: ["test/core/scheduler.test.ts"],
  },
  {
    name: "the hold of a partition is dropped",
    file: scheduler,
    before: "        hold = Math.min(hold, partition.hold);\n",
    after: "",
    tests: ["test/simulation/simulation.test.ts"],
  },
  {
    name: "what one step of the watermark has made due comes out behind the next",
    file: scheduler,
    before: "if (isUnderWay) hold",
    after: "if (isUnderWay && !hasMoved) hold",
    tests: ["test/core/scheduler.test.ts"],
  },
  {
    name: "what a bundle has left is filed twice",
    file: scheduler,
    before: "partition.pending = [...own, ",
    after: "partition.pending = [...own, ...own, ",
    tests: ["test/runners/local-reads.test.ts"],
  },
  {
    name: "a part that is woken while its bundle is out goes on resting",
    file: "runners/core/rests.ts",
    before: "    if (woken.length === 0) this.#woken.add(part);\n",
    after: "",
    tests: ["test/core/rests.test.ts"],
  },
  {
    name: "an idle part holds the watermark for ever",
    file: "runners/core/rests.ts",
    before: "this.#resting.filter(({ idleFrom }) => idleFrom > now).map",
    after: "this.#resting.map",
    tests: ["test/runners/live-reads.test.ts"],
  },
  {
    name: "a timer that is set does not come up",
    file: "runners/core/state/timer-store.ts",
    before: "    this.#agendaOf(timer).note(timer);\n",
    after: "",
    tests: ["test/simulation/simulation.test.ts"],
  },
  {
    name: "state stays written when a call fails",
    file: "runners/core/state/journal.ts",
    before: "this.#written[at]!.restore(this.#before[at]);",
    after: "this.#written[at]!;",
    tests: ["test/properties/state.test.ts"],
  },
  {
    name: "an element is late one instant too early",
    file: "runners/core/groupings/single-pane-grouping.ts",
    before: "return inputWatermark > expiryOf(window, this.#spec.windowing);",
    after: "return inputWatermark >= expiryOf(window, this.#spec.windowing);",
    tests: ["test/simulation/simulation.test.ts"],
  },
  {
    name: "a merge forgets what held the watermark",
    file: panes,
    before: "    target.elementHold = hold;\n",
    after: "    target.elementHold = NEVER;\n",
    tests: ["test/core/grouping.test.ts", "test/core/pane-rows.test.ts", "test/conformance/transcripts.test.ts"],
  },
  {
    name: "an attempt that failed leaves its outputs behind",
    file: "runners/core/guard.ts",
    before: "      held.length = 0;\n",
    after: "",
    tests: ["test/runners/policies.test.ts"],
  },
  {
    name: "a source that cannot be cut again is cut, and read twice",
    file: "runners/core/heads/read.ts",
    before: "if (ranges.length < 2 || !areOf(part.range, ranges)) return [batch];",
    after: "if (ranges.length < 2) return [batch];",
    tests: ["test/runners/shared-reads.test.ts"],
  },
  {
    name: "a bundle that fails leaves its outputs to the next one",
    file: "runners/core/passes.ts",
    before: "    await this.#tearDown(pass, this.#doFns).catch(() => {});\n    throw error;",
    after: "    this.#idle.push(pass);\n    throw error;",
    tests: simulation,
  },
  {
    name: "what is being worked on does not hold the watermark",
    file: scheduler,
    before: "        if (partition.inFlight !== undefined) for (const { earliest } of partition.inFlight.batches) notPast(earliest);\n",
    after: "",
    tests: simulation,
  },
  {
    name: "what waits for side inputs does not hold the watermark",
    file: scheduler,
    before: "        for (const { earliest } of partition.blocked.lots()) notPast(earliest);\n",
    after: "",
    tests: simulation,
  },
  {
    name: "a part of a source that rests does not hold the watermark",
    file: scheduler,
    before: "        for (const earliest of partition.rests.holds(this.#askedAt)) notPast(earliest);\n",
    after: "",
    tests: simulation,
  },
  {
    name: "what a bundle has left is lost",
    file: scheduler,
    before: "partition.pending = [...own, ",
    after: "partition.pending = [",
    tests: simulation,
  },
  {
    name: "an element of a session is late one instant too early",
    file: "runners/core/groupings/session-grouping.ts",
    before: "if (end > inputWatermark) {",
    after: "if (end > inputWatermark + 1) {",
    tests: simulation,
  },
  {
    name: "an element of a window with several panes is late one instant too early",
    file: "runners/core/groupings/pane-grouping.ts",
    before: "return this.#times.inputWatermark > expiryOf(window, this.#spec.windowing);",
    after: "return this.#times.inputWatermark >= expiryOf(window, this.#spec.windowing);",
    tests: simulation,
  },
  {
    name: "an element of a step with state is late one instant too early",
    file: "runners/core/heads/keyed.ts",
    before: "        if (by > 0) {",
    after: "        if (by >= 0) {",
    tests: simulation,
  },
  {
    name: "a timer stays as a failed call has set it",
    file: "runners/core/state/timer-store.ts",
    before: "    this.#store.put(this, before, before);\n",
    after: "",
    tests: simulation,
  },
  {
    name: "the output of a timer does not hold the watermark",
    file: "runners/core/state/timer-store.ts",
    before: "    if (timer.held !== undefined) this.#held.note(timer.held);\n",
    after: "",
    tests: simulation,
  },
  {
    name: "runs on disk are merged further than all of them are in hand",
    file: merge,
    before: "Math.min(least, cursor.bound), Infinity)",
    after: "Math.max(least, cursor.bound), 0)",
    tests: ["test/core/spill.test.ts"],
  },
  {
    name: "a block of a run ends between keys that are sorted alike",
    file: sortedRun,
    before: " && order !== this.#orders.at(-1)) this.#close()",
    after: ") this.#close()",
    tests: ["test/core/spill.test.ts"],
  },
  {
    name: "what is in memory of a window is forgotten when it has runs on disk",
    file: singlePane,
    before: "this.#spilling!.merge(collected.runs, this.#takeEntries(collected)",
    after:
      "this.#spilling!.merge(collected.runs, (this.#takeEntries(collected), { orders: new Uint32Array(0), keys: [], accumulators: [] })",
    tests: ["test/runners/larger-than-memory.test.ts"],
  },
  {
    name: "a window with runs on disk is over when what is in memory of it was given out",
    file: singlePane,
    before: "(runs.length === 0 || (merged !== undefined && merged.entries === undefined))",
    after: "(runs.length === 0 || merged !== undefined)",
    tests: ["test/core/spill.test.ts"],
  },
  {
    name: "keys are forgotten while their numbers are on their way",
    file: "runners/core/key-dictionary.ts",
    before: "if (this.count <= this.#sweepAt || this.inTransit > 0 ||",
    after: "if (this.count <= this.#sweepAt ||",
    tests: ["test/core/spill.test.ts"],
  },
  {
    name: "the rest of a window that goes to disk begins where giving out had got to",
    file: singlePane,
    before: "    collected.emittedTo = 0;\n",
    after: "",
    tests: ["test/core/spill.test.ts"],
  },
  {
    name: "windows that merge are given out without the elements that came last",
    file: "runners/core/groupings/merging-grouping.ts",
    before: "      this.#settle(own);\n      room",
    after: "      room",
    tests: ["test/properties/fast-groupings.test.ts"],
  },
  {
    name: "windows of a merging grouping are not looked at when the first of them ends",
    file: "runners/core/groupings/merging-grouping.ts",
    before: "if (end < this.firstEnd) this.firstEnd = end;",
    after: "if (end > this.firstEnd) this.firstEnd = end;",
    tests: ["test/properties/fast-groupings.test.ts"],
  },
  {
    name: "sessions that touch become one",
    file: "runners/core/groupings/overlaps.ts",
    before: "else if (j < theirs.length && spanOf(theirs[j]!).start < overlap.end) extend",
    after: "else if (j < theirs.length && spanOf(theirs[j]!).start <= overlap.end) extend",
    tests: ["test/properties/fast-groupings.test.ts"],
  },
  {
    name: "a bundle does not wait for batches that are still on their way from another worker",
    file: "runners/threads/exchange.ts",
    before: "if (arrived === undefined) {",
    after: "if (arrived === null) {",
    tests: ["test/core/exchange.test.ts"],
  },
  {
    name: "memory that others have a share of is handed over to another worker",
    file: "runners/threads/batch-codec.ts",
    before: "return isWhole ?",
    after: "return isWhole || bytes.length > 0 ?",
    tests: ["test/core/exchange.test.ts"],
  },
  {
    name: "an element that waits alone in its window is forgotten when another one joins it",
    file: "runners/core/groupings/merging-grouping.ts",
    before: "part.content = fn.add(fn.create(), part.content, NO_SIDE_INPUTS);",
    after: "part.content = fn.create();",
    tests: ["test/properties/fast-groupings.test.ts"],
  },
  {
    name: "what is left of a part promises more than its estimator",
    file: "runners/core/heads/read.ts",
    before: "earliest: estimator ? open.watermark : batch.earliest",
    after: "earliest: estimator ? open.watermark + 100 : batch.earliest",
    tests: ["test/runners/reads-by-time.test.ts"],
  },
];
