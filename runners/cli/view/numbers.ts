import { MIN_INSTANT, type Instant } from "../../../sdk/time.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";

/** A count as people read it: `1,234,567`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** A stretch of time as people read it: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 00 min`. */
export function timeText(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** A stretch of work, which may be short: `3 ms`, `2.5 s`. */
export const workText = (ms: number): string => (ms < 999.5 ? `${Math.max(Math.round(ms), 1)} ms` : timeText(ms));

/** When something is, in UTC: the time of day, with its date where that is not today's; nothing for the ends of time. */
export function timeOfDay(instant: Instant, now: Instant): string {
  if (instant <= MIN_INSTANT || instant >= globalWindow.maxTimestamp) return "";
  const [date, time] = new Date(instant).toISOString().split(/[TZ]/) as [string, string];
  const isToday = date === new Date(now).toISOString().split("T")[0];
  return isToday ? time.slice(0, 8) : `${date} ${time.slice(0, 8)}`;
}

/** How far an instant is behind the clock; nothing for the ends of time. */
export const lagText = (instant: Instant, now: Instant): string =>
  instant <= MIN_INSTANT || instant >= globalWindow.maxTimestamp ? "" : timeText(Math.max(0, now - instant));

const twoDigits = (n: number): string => String(n).padStart(2, "0");

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** A number of bytes as people read it: `999 B`, `1.2 kB`, `35 MB`. */
export function bytesText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  // 999.5 of a unit would be written as 1000 of it.
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1_000;
  return `${unit > 0 && size < 9.95 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
