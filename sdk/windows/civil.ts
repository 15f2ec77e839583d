/** A day of the Gregorian calendar, which is taken to have been there always. The year 0 is the one before 1 AD. */
export interface CivilDay {
  readonly year: number;
  /** From 1 to 12. */
  readonly month: number;
  /** From 1. */
  readonly day: number;
}

/** How many days a day is after the first of January 1970. The month may be any: the thirteenth is the first of the next year. */
export function dayNumber({ year, month, day }: CivilDay): number {
  // Years begin with March here, so that the odd day is their last.
  const months = year * 12 + month - 3;
  const [marchYear, marchMonth] = [Math.floor(months / 12), months - Math.floor(months / 12) * 12];
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + day - 1 - MARCH_OF_YEAR_0;
}

/** The day that is so many days after the first of January 1970. */
export function civilDay(number: number): CivilDay {
  const days = number + MARCH_OF_YEAR_0;
  const era = Math.floor(days / DAYS_OF_400_YEARS);
  const inEra = days - era * DAYS_OF_400_YEARS;
  const yearOfEra = Math.floor((inEra - Math.floor(inEra / 1_460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365);
  const inYear = inEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * inYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return { year, month, day: inYear - Math.floor((153 * marchMonth + 2) / 5) + 1 };
}

/** From the first of March of the year 0 to the first of January 1970. */
const MARCH_OF_YEAR_0 = 719_468;
const DAYS_OF_400_YEARS = 146_097;
