import { expect } from "vitest";
import { map, parDo, output, writeTo, type Pipeline, type RunningPipeline, type Sink } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { anyScript, Outside, read, type Reading } from "./scripts.ts";
import { Died } from "./simulated-runner.ts";
import type { Subject } from "./subject.ts";
import { anyTangle } from "./tangles.ts";

/** A place that shows what was published there, and how it was written. */
class Place {
  /** What each commit has published. */
  readonly published: (readonly string[])[] = [];
  readonly signals: AbortSignal[] = [];

  readonly sink: Sink<string, readonly string[]> = {
    name: "Place",
    shards: 2,
    open: ({ signal }) => {
      this.signals.push(signal);
      const written: string[] = [];
      return { write: (values) => void written.push(...values), finish: () => Promise.resolve(written) };
    },
    commit: (committables) => {
      this.published.push(committables.flat().toSorted());
      return Promise.resolve();
    },
  };
}

const silent = { logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } };

/**
 * A run that dies or is cancelled has published nothing, or all. One that was cancelled leaves nothing open. Run once more from the
 * beginning, the pipeline publishes what it publishes where nothing happens to it.
 */
export const restarts: Subject = async ({ choices, trace, runner }) => {
  let number = 0;
  const scripts = [anyScript(choices, { mayBeLate: false, numbers: () => number++ })];
  const tangle = anyTangle(choices, scripts.length);
  trace.note(tangle.text);
  const reading = choices.pick(["source", "splittable", "at once"] as const);
  /** Each run counts the instances that it has set up and not torn down. */
  const building =
    (place: Place, how: Reading, failsBundles: boolean, instances = { open: 0 }) =>
    (p: Pipeline): void => {
      const outside = new Outside();
      const sources = scripts.map((script, i) => read(p, `Source${i}`, script, how, outside));
      const counted = parDo({
        setup: () => void instances.open++,
        teardown: () => void instances.open--,
        output: output<string>(),
        process: (text: string, { output: emit }) => emit(text),
      });
      const [end] = tangle.build(sources, { failsBundles }).filter(({ isSteady }) => isSteady);
      const texts = end?.pairs.apply(
        "Text",
        map((pair, { timestamp }) => JSON.stringify([pair, timestamp])),
      );
      texts?.apply("Counted", counted).apply("Write", writeTo(place.sink));
    };
  const expected = new Place();
  await directRunner().run(building(expected, "at once", false), {}, silent);

  const place = new Place();
  let running: RunningPipeline | undefined;
  const dies = choices.chance(0.5);
  const by = (): void => {
    if (dies) throw new Died();
    void running?.cancel();
  };
  const first = { open: 0 };
  running = runner({ interrupt: { at: choices.between(1, 300), by } }).start(building(place, reading, true, first), {}, silent);
  const state = await running.done.then(
    (result) => result.state,
    (error: unknown) => {
      if (error instanceof Died) return "DIED";
      throw error;
    },
  );
  trace.note(`${state} ${JSON.stringify(place.published)}`);
  expect(place.published.length).toBeLessThanOrEqual(1);
  if (state === "CANCELLED") expect([first.open, place.published, place.signals.every(({ aborted }) => aborted)]).toEqual([0, [], true]);
  if (state === "DONE") expect([first.open, place.published]).toEqual([0, expected.published]);
  if (place.published.length > 0) return expect(place.published).toEqual(expected.published);

  const second = { open: 0 };
  await runner().run(building(place, reading, true, second), {}, silent);
  trace.note(JSON.stringify(place.published));
  expect(place.published).toEqual(expected.published);
  expect(second.open).toBe(0);
};
