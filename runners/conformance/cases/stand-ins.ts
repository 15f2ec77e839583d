import type { PCollection, PTransform } from "../../../sdk/pipeline.ts";
import type { Duration } from "../../../sdk/time.ts";
import { primitive } from "../../../sdk/transform.ts";
import type { Trigger } from "../../../sdk/trigger.ts";
import type { IntervalWindow, Window, WindowFn, WindowingStrategy } from "../../../sdk/windowing.ts";
import { intervalWindow, intervalWindowCoder } from "../../../sdk/windows/interval.ts";

// What the cases need of the SDK before it is there, under the names and with the signatures that it will have. Whoever adds
// one of them takes it out here; when the last one is gone, so is this file.

/** The settings of `windowInto` that cases use. */
export type WindowedSettings = Partial<Omit<WindowingStrategy, "windowFn" | "isMerged">>;

/** Stands for `windowInto(windowFn, { ...settings, allowUnsafeTriggers: true })`. */
export const windowed = <T, W extends Window>(
  windowFn: WindowFn<NoInfer<T>, W>,
  settings: WindowedSettings = {},
): PTransform<PCollection<T>, PCollection<T>> =>
  primitive("WindowInto", ({ coder, windowing }) => ({
    kind: "windowInto",
    windowFn,
    output: { coder, windowing: Object.freeze({ ...windowing, allowUnsafeTriggers: true, ...settings, windowFn }) },
  }));

export const never = (): Trigger => ({ kind: "never" });
export const always = (): Trigger => ({ kind: "always" });
export const afterCount = (count: number): Trigger => ({ kind: "afterCount", count });
export const afterProcessingTime = (delay: Duration): Trigger => ({ kind: "afterProcessingTime", delay });
export const afterSynchronizedProcessingTime = (): Trigger => ({ kind: "afterSynchronizedProcessingTime" });
export const afterWatermark = (parts: { readonly early?: Trigger; readonly late?: Trigger } = {}): Trigger => ({
  kind: "afterWatermark",
  ...parts,
});
export const repeatedly = (trigger: Trigger): Trigger => ({ kind: "repeatedly", trigger });
export const afterEach = (...triggers: readonly Trigger[]): Trigger => ({ kind: "afterEach", triggers });
export const afterFirst = (...triggers: readonly Trigger[]): Trigger => ({ kind: "afterFirst", triggers });
export const afterAll = (...triggers: readonly Trigger[]): Trigger => ({ kind: "afterAll", triggers });
export const orFinally = (main: Trigger, until: Trigger): Trigger => ({ kind: "orFinally", main, until });

/** Windows that overlap become one. */
export const sessions = (gap: Duration): WindowFn => ({
  name: `sessions(${gap})`,
  assign: ({ timestamp }) => [intervalWindow(timestamp, timestamp + gap)],
  merge: mergeOverlapping,
  windowCoder: intervalWindowCoder,
  isCompatible: ({ name }) => name?.startsWith("sessions(") === true,
});

function mergeOverlapping(
  windows: readonly IntervalWindow[],
): readonly { readonly from: IntervalWindow[]; readonly into: IntervalWindow }[] {
  const merged: { from: IntervalWindow[]; into: IntervalWindow }[] = [];
  for (const window of windows.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || last.into.end <= window.start) merged.push({ from: [window], into: window });
    else {
      last.from.push(window);
      last.into = intervalWindow(last.into.start, Math.max(last.into.end, window.end));
    }
  }
  return merged.filter(({ from }) => from.length > 1);
}

/** Windows of one size, one at each period. */
export const slidingWindows = (size: Duration, period: Duration, offset: Duration = 0): WindowFn => ({
  name: `sliding(${size}/${period},${offset})`,
  assign({ timestamp }) {
    const last = Math.floor((timestamp - offset) / period) * period + offset;
    const count = Math.ceil((last + size - timestamp) / period);
    return Array.from({ length: count }, (_, i) => intervalWindow(last - i * period, last - i * period + size));
  },
  windowCoder: intervalWindowCoder,
  isCompatible: ({ name }) => name?.startsWith("sliding(") === true,
});

/** The zone of calendar windows. */
interface ZoneOptions {
  readonly timeZone?: string;
}

/** Fails in the run, so that transcripts of other windows are read meanwhile. */
const notThereYet = (name: string): WindowFn => ({
  name,
  assign: () => {
    throw new Error(`${name} is not there yet`);
  },
  windowCoder: intervalWindowCoder,
  isCompatible: () => false,
});
export const calendarDays = (_n: number, _options: ZoneOptions = {}): WindowFn => notThereYet("calendarDays");
export const calendarWeeks = (_n: number, _options: ZoneOptions = {}): WindowFn => notThereYet("calendarWeeks");
export const calendarMonths = (_n: number, _options: ZoneOptions = {}): WindowFn => notThereYet("calendarMonths");
export const calendarYears = (_n: number, _options: ZoneOptions = {}): WindowFn => notThereYet("calendarYears");
