import { LineCounter, parseAllDocuments } from "yaml";
import { defaultTrigger, globalWindow, MAX_INSTANT, MIN_INSTANT, type Instant } from "millrace";
import { windowText } from "../../../runners/conformance/cases/support.ts";
import { intervalWindow } from "../../../sdk/windows/interval.ts";
import { Playback } from "./playback.ts";
import {
  TranscriptError,
  type Action,
  type Dropped,
  type ExpectedPane,
  type Step,
  type TimedValue,
  type Transcript,
} from "./transcript.ts";
import { triggerOf, windowFnOf } from "./windowing.ts";
import { Place } from "./yaml-place.ts";

/**
 * The transcripts of a file, one for each YAML document.
 *
 * @throws TranscriptError where it has none, or something that is none; with file and line.
 */
export function parseTranscripts(text: string, file: string): readonly Transcript[] {
  const lines = new LineCounter();
  const found = parseAllDocuments(text, { lineCounter: lines });
  const documents = Array.isArray(found) ? found : [];
  for (const { errors } of documents) {
    const [error] = errors;
    if (error !== undefined)
      throw new TranscriptError(error.message.split("\n")[0]!.replace(/:$/, ""), `${file}:${lines.linePos(error.pos[0]).line}`);
  }
  const filled = documents.filter(({ contents }) => contents !== null);
  if (filled.length === 0) throw new TranscriptError("the file has no transcript", `${file}:1`);
  return filled.map(({ contents }) => transcriptOf(new Place(contents, file, lines)));
}

const FIELDS = ["name", "window", "trigger", "accumulation", "lateness", "timestamps", "closing", "onTime", "steps"] as const;

function transcriptOf(place: Place): Transcript {
  const { name, window, trigger, accumulation, lateness, timestamps, closing, onTime, steps } = place.fields("a transcript", FIELDS);
  if (name === undefined || window === undefined || steps === undefined) throw place.wrong("a transcript has a name, a window and steps");
  return {
    name: name.text("a name"),
    windowFn: window.make(() => windowFnOf(window.text("a window"))),
    settings: {
      trigger: trigger?.make(() => triggerOf(trigger.text("a trigger"))) ?? defaultTrigger(),
      accumulation: accumulation?.word("accumulation", ["accumulating", "discarding"] as const) ?? "accumulating",
      allowedLateness: lateness === undefined ? 0 : durationOf("lateness", lateness),
      timestampCombiner: timestamps?.word("timestamps", ["endOfWindow", "earliest", "latest"] as const) ?? "endOfWindow",
      closing: closing?.word("closing", ["ifNonEmpty", "always"] as const) ?? "ifNonEmpty",
      onTime: onTime?.word("onTime", ["always", "ifNonEmpty"] as const) ?? "always",
    },
    steps: stepsOf(steps),
  };
}

const STEPS = ["elements", "watermark", "clock", "advanceClock", "expect", "dropped"] as const;

/** Each action with what is said of it; it is played as it is read, so that what cannot happen is found where it stands. */
function stepsOf(place: Place): readonly Step[] {
  const steps: Step[] = [];
  const playback = new Playback();
  let clock = 0;
  for (const each of place.list("steps")) {
    const { expect, dropped, ...actions } = each.fields("a step", STEPS);
    const said = [expect, dropped, ...Object.values(actions)].filter((field) => field !== undefined);
    if (said.length !== 1) throw each.wrong("a step says one thing");
    if (expect !== undefined) steps.push(withExpected(steps.pop(), expect));
    else if (dropped !== undefined) steps.push(withDropped(steps.pop(), dropped));
    else {
      const action = actionOf(actions, clock);
      if (action.kind === "processingTime") clock += action.by;
      each.make(() => playback.add(action));
      steps.push({ action, dropped: {}, at: each.at });
    }
  }
  if (steps.length === 0) throw place.wrong("a transcript has at least one action");
  return steps;
}

function withExpected(step: Step | undefined, expect: Place): Step {
  if (step === undefined) throw expect.wrong("nothing comes out before the first action");
  if (step.expected !== undefined) throw expect.wrong("all that comes out of an action stands in one expect");
  return { ...step, expected: expect.list("expect").map(paneOf) };
}

function withDropped(step: Step | undefined, dropped: Place): Step {
  if (step === undefined) throw dropped.wrong("nothing is dropped before the first action");
  const { late, closed } = dropped.fields("dropped", ["late", "closed"]);
  const counts: Partial<Dropped> = {
    ...(late === undefined ? {} : { late: late.whole("a count") }),
    ...(closed === undefined ? {} : { closed: closed.whole("a count") }),
  };
  return { ...step, dropped: { ...step.dropped, ...counts } };
}

type Actions = Partial<Readonly<Record<"elements" | "watermark" | "clock" | "advanceClock", Place>>>;

function actionOf({ elements, watermark, clock, advanceClock }: Actions, now: number): Action {
  if (elements !== undefined) {
    const list = elements.list("elements");
    if (list.length === 0) throw elements.wrong("an event has at least one element");
    return { kind: "elements", elements: list.map(elementOf) };
  }
  if (watermark !== undefined) return { kind: "watermark", to: instantOf("a watermark", watermark) };
  if (advanceClock !== undefined) return { kind: "processingTime", by: durationOf("what the clock advances by", advanceClock) };
  const to = clock!.whole("the clock");
  if (to < now) throw clock!.wrong(`the clock goes back, from ${now} to ${to}`);
  return { kind: "processingTime", by: to - now };
}

function elementOf(place: Place): TimedValue {
  if (place.isScalar) {
    const value = place.whole("an element that is its own time");
    return { value, timestamp: value };
  }
  const { value, at } = place.fields("an element", ["value", "at"]);
  if (value === undefined || at === undefined) throw place.wrong("an element has a value and says when it is: at");
  return { value: value.scalar("a value"), timestamp: instantOf("the time of an element", at) };
}

const PANE_FIELDS = ["window", "values", "timing", "index", "nonSpeculative", "timestamp", "first", "last"] as const;

function paneOf(place: Place): ExpectedPane {
  const { window, values, timing, index, nonSpeculative, timestamp, first, last } = place.fields("a pane", PANE_FIELDS);
  const said = {
    ...(window === undefined ? {} : { window: windowOf(window) }),
    ...(values === undefined ? {} : { values: values.list("values").map((value) => value.scalar("a value")) }),
    ...(timing === undefined ? {} : { timing: timing.word("timing", ["EARLY", "ON_TIME", "LATE"] as const) }),
    ...(index === undefined ? {} : { index: index.whole("an index") }),
    ...(nonSpeculative === undefined ? {} : { nonSpeculative: nonSpeculative.whole("an index") }),
    ...(timestamp === undefined ? {} : { timestamp: instantOf("a timestamp", timestamp) }),
    ...(first === undefined ? {} : { first: first.truth("first") }),
    ...(last === undefined ? {} : { last: last.truth("last") }),
  };
  return { said, at: place.at };
}

function windowOf(place: Place): string {
  const ends = place.list("a window");
  if (ends.length !== 2) throw place.wrong("a window has a start and an end");
  const [start, end] = ends.map((each) => instantOf("the end of a window", each)) as [Instant, Instant];
  return windowText(start === MIN_INSTANT && end === globalWindow.maxTimestamp ? globalWindow : intervalWindow(start, end));
}

const NAMED: ReadonlyMap<unknown, Instant> = new Map([
  ["MIN", MIN_INSTANT],
  ["GMAX", globalWindow.maxTimestamp],
  ["MAX", MAX_INSTANT],
]);

function instantOf(what: string, place: Place): Instant {
  return NAMED.get(place.scalar(what)) ?? place.whole(what);
}

function durationOf(what: string, place: Place): number {
  const value = place.whole(what);
  if (value < 0) throw place.wrong(`${what} is at least 0`);
  return value;
}
