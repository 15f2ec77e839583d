import { days, MAX_INSTANT, MIN_INSTANT, type Duration, type Instant } from "../time.ts";
import { dayNumber } from "./civil.ts";

const DAY = days(1);

/** What clocks of one zone show, and when. A local day is the number of days since the first of January 1970 there. */
export interface TimeZone {
  /** Its name as it is written in the database of time zones. */
  readonly name: string;
  /** The local day at an instant. */
  readonly dayAt: (instant: Instant) => number;
  /** The first instant of a local day: midnight, or what clocks show next where they skip it. */
  readonly startOf: (day: number) => Instant;
}

/** A time zone by its name, such as `Europe/Berlin`; `undefined` where there is none of that name. */
export function timeZoneOf(given: string): TimeZone | undefined {
  if (given === "UTC") return { name: given, dayAt: (instant) => Math.floor(instant / DAY), startOf: (day) => day * DAY };
  const clock = clockOf(given);
  if (clock === undefined) return undefined;
  const offsetAt = (instant: Instant): Duration => offsetOf(clock, Math.min(Math.max(instant, MIN_INSTANT), MAX_INSTANT));
  return {
    name: given,
    dayAt: (instant) => Math.floor((instant + offsetAt(instant)) / DAY),
    startOf: (day) => firstAt(day * DAY, offsetAt),
  };
}

/**
 * The first instant at which clocks show a local time, or a later one if they skip it. No clock is changed twice within the two
 * days around it.
 */
function firstAt(local: number, offsetAt: (instant: Instant) => Duration): Instant {
  const [before, after] = [offsetAt(local - DAY), offsetAt(local + DAY)];
  const [early, late] = [local - Math.max(before, after), local - Math.min(before, after)];
  // Where clocks go back the time comes twice, and counts the first time.
  if (early + offsetAt(early) === local) return early;
  if (late + offsetAt(late) === local) return late;
  // Where they go forward, the change lies between the two.
  let [lastBefore, firstAfter] = [early, late];
  while (firstAfter - lastBefore > 1) {
    const middle = Math.floor((lastBefore + firstAfter) / 2);
    if (offsetAt(middle) === before) lastBefore = middle;
    else firstAfter = middle;
  }
  return firstAfter;
}

/** Shows the fields of a local time; `undefined` for a zone that is not known. */
function clockOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
}

/** By how much clocks are ahead of UTC at an instant, in whole seconds as ms. */
function offsetOf(clock: Intl.DateTimeFormat, instant: Instant): Duration {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of clock.formatToParts(instant)) shown[type] = value;
  const number = (part: Intl.DateTimeFormatPartTypes): number => Number(shown[part]);
  const year = shown.era === "BC" ? 1 - number("year") : number("year");
  const seconds = (number("hour") * 60 + number("minute")) * 60 + number("second");
  return dayNumber({ year, month: number("month"), day: number("day") }) * DAY + seconds * 1_000 - Math.floor(instant / 1_000) * 1_000;
}
