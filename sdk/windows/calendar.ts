import { PipelineError, shortText } from "../errors.ts";
import type { WindowFn } from "../windowing.ts";
import { calendarWindows, everyDays, everyMonths } from "./calendar-windows.ts";
import { civilDay, dayNumber, type CivilDay } from "./civil.ts";
import { timeZoneOf, type TimeZone } from "./time-zone.ts";

/** The zone that days of a calendar are days in. */
export interface CalendarOptions {
  /** A name of the database of time zones, such as `Europe/Berlin`; `UTC` unless given. */
  readonly timeZone?: string;
}

/** How {@link calendarDays} counts. */
export interface CalendarDaysOptions extends CalendarOptions {
  /** A day on which a window starts, such as `2024-02-29`; `1970-01-01` unless given. */
  readonly startingDay?: string;
}

/** A day of the week. */
export type DayOfWeek = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** How {@link calendarWeeks} counts. */
export interface CalendarWeeksOptions extends CalendarOptions {
  /** The day on which weeks start; `monday` unless given. */
  readonly startDayOfWeek?: DayOfWeek;
}

/** How {@link calendarMonths} counts. */
export interface CalendarMonthsOptions extends CalendarOptions {
  /** The day on which months start, from 1 to 28; 1 unless given. */
  readonly dayOfMonth?: number;
  /** A month in which a window starts, such as `2024-02`; `1970-01` unless given. */
  readonly startingMonth?: string;
}

/** How {@link calendarYears} counts. */
export interface CalendarYearsOptions extends CalendarOptions {
  /** The month in which years start, from 1 to 12; 1 unless given. */
  readonly monthOfYear?: number;
  /** The day of that month on which years start, which each year has; 1 unless given. */
  readonly dayOfMonth?: number;
  /** A year in which a window starts; 1970 unless given. */
  readonly startingYear?: number;
}

/**
 * Splits event time into windows of so many days of a calendar. A day goes from midnight to midnight in its time zone, so that
 * one on which clocks change is shorter or longer than others; where clocks skip midnight, it starts with what they show next.
 *
 * @param n - how many days make a window; a whole number from 1 to 1,000,000.
 * @throws PipelineError `BAD_WINDOW` when the number, the starting day or the time zone are none.
 *
 * @example
 * ```ts
 * visits.apply(windowInto(calendarDays(1, { timeZone: "Europe/Berlin" })));
 * ```
 *
 * @see `CalendarWindows` of Apache Beam.
 */
export function calendarDays(n: number, { timeZone = "UTC", startingDay = EPOCH }: CalendarDaysOptions = {}): WindowFn {
  mustBeCount("calendarDays", n);
  const first = dayNumber(dayFrom(startingDay));
  return calendarWindows(
    nameOf("calendarDays", n, startingDay === EPOCH ? "" : startingDay, timeZone),
    zoneFrom(timeZone),
    everyDays(n, first),
  );
}

/**
 * Splits event time into windows of so many weeks of a calendar; as {@link calendarDays} otherwise.
 *
 * @param n - how many weeks make a window; a whole number from 1 to 1,000,000. Weeks are counted from that of 1970-01-01.
 * @throws PipelineError `BAD_WINDOW` when the number, the day of the week or the time zone are none.
 *
 * @example
 * ```ts
 * visits.apply(windowInto(calendarWeeks(1, { startDayOfWeek: "sunday" })));
 * ```
 */
export function calendarWeeks(n: number, { timeZone = "UTC", startDayOfWeek = "monday" }: CalendarWeeksOptions = {}): WindowFn {
  mustBeCount("calendarWeeks", n);
  const index = daysOfWeek.indexOf(startDayOfWeek);
  if (index === -1) throw badCalendar("the start of a week is a day from monday to sunday", startDayOfWeek);
  return calendarWindows(nameOf("calendarWeeks", n, startDayOfWeek, timeZone), zoneFrom(timeZone), everyDays(7 * n, MONDAY + index));
}

/**
 * Splits event time into windows of so many months of a calendar; as {@link calendarDays} otherwise.
 *
 * @param n - how many months make a window; a whole number from 1 to 1,000,000.
 * @throws PipelineError `BAD_WINDOW` when the number, the day, the starting month or the time zone are none.
 *
 * @example
 * ```ts
 * orders.apply(windowInto(calendarMonths(3, { startingMonth: "2024-02" }))); // quarters from February, May, August and November
 * ```
 */
export function calendarMonths(
  n: number,
  { timeZone = "UTC", dayOfMonth = 1, startingMonth = EPOCH.slice(0, 7) }: CalendarMonthsOptions = {},
): WindowFn {
  mustBeCount("calendarMonths", n);
  if (!isWhole(dayOfMonth, 1, 28)) throw badCalendar("the day on which months start is one that every month has, from 1 to 28", dayOfMonth);
  const { year, month } = dayFrom(`${startingMonth}-01`);
  const start = [startingMonth, String(dayOfMonth).padStart(2, "0")].join("-");
  const name = nameOf("calendarMonths", n, start === EPOCH ? "" : start, timeZone);
  return calendarWindows(name, zoneFrom(timeZone), everyMonths(n, { year, month, day: dayOfMonth }));
}

/**
 * Splits event time into windows of so many years of a calendar; as {@link calendarDays} otherwise.
 *
 * @param n - how many years make a window; a whole number from 1 to 1,000,000.
 * @throws PipelineError `BAD_WINDOW` when the number, the day, the month, the starting year or the time zone are none.
 *
 * @example
 * ```ts
 * orders.apply(windowInto(calendarYears(1, { monthOfYear: 4, dayOfMonth: 6, timeZone: "Europe/London" }))); // tax years
 * ```
 */
export function calendarYears(
  n: number,
  { timeZone = "UTC", monthOfYear = 1, dayOfMonth = 1, startingYear = 1970 }: CalendarYearsOptions = {},
): WindowFn {
  mustBeCount("calendarYears", n);
  if (!isWhole(monthOfYear, 1, 12)) throw badCalendar("the month in which years start is a number from 1 to 12", monthOfYear);
  const lastDay = civilDay(dayNumber({ year: 1970, month: monthOfYear + 1, day: 1 }) - 1).day;
  if (!isWhole(dayOfMonth, 1, lastDay))
    throw badCalendar("the day on which years start is one that its month has in every year", dayOfMonth);
  if (!isWhole(startingYear, 0, 9_999)) throw badCalendar("the starting year is a number from 0 to 9999", startingYear);
  const first = { year: startingYear, month: monthOfYear, day: dayOfMonth };
  const start = [String(startingYear).padStart(4, "0"), ...[monthOfYear, dayOfMonth].map((part) => String(part).padStart(2, "0"))].join(
    "-",
  );
  return calendarWindows(
    nameOf("calendarYears", n, start === EPOCH ? "" : start, timeZone),
    zoneFrom(timeZone),
    everyMonths(12 * n, first),
  );
}

const daysOfWeek: readonly DayOfWeek[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const EPOCH = "1970-01-01";
/** The Monday of the week of the epoch, which was a Thursday. */
const MONDAY = -3;

/** `calendarDays(1)`, or with what differs from the default: `calendarWeeks(2,sunday,Europe/Berlin)`. */
const nameOf = (kind: string, n: number, start: string, zone: string): string =>
  `${kind}(${[String(n), start, zone === "UTC" ? "" : zone].filter((part) => part !== "").join(",")})`;

/** A day from its text, such as `2024-02-29`. */
function dayFrom(text: string): CivilDay {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const given = { year: Number(year), month: Number(month), day: Number(day) };
  // What is not there, such as the 30th of February, would be another day.
  const found = civilDay(dayNumber(given));
  if (found.year === given.year && found.month === given.month && found.day === given.day) return given;
  throw badCalendar("a calendar starts on a day such as 2024-02-29, or in a month such as 2024-02", text);
}

function zoneFrom(name: string): TimeZone {
  const zone = timeZoneOf(name);
  if (zone === undefined) throw badCalendar("the time zone of a calendar has a name that is known, such as Europe/Berlin", name);
  return zone;
}

function mustBeCount(whose: string, n: number): void {
  if (!isWhole(n, 1, 1_000_000)) throw badCalendar(`${whose} takes a whole number from 1 to 1000000`, n);
}

const isWhole = (value: number, from: number, to: number): boolean => Number.isSafeInteger(value) && value >= from && value <= to;

const badCalendar = (what: string, got: unknown): PipelineError => new PipelineError("BAD_WINDOW", { what, got: shortText(got) });
