/**
 * Dates and local timestamps as ISO 8601 text, over the whole range of Avro's integers. JavaScript's
 * `Date` ends at the year 275,760 and knows no nanoseconds, so the calendar is counted here.
 *
 * Invariants: the calendar is the proleptic Gregorian one; years outside 0000–9999 have a sign and at
 * least six digits; text is accepted exactly when it denotes a value that fits.
 */

const DAYS_PER_ERA = 146_097;
const DATE = /^(\d{4}|[+-]\d{6,12})-(\d\d)-(\d\d)$/;
const LOCAL = /^([^T]+)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;
const DAY_SECONDS = 86_400n;

/** Days since 1970-01-01 as a date. */
export function formatDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${formatYear(year)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Days since 1970-01-01 of a date, or `undefined` when the text is not a date. */
export function parseDate(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const days = countDays(year, month, day);
  return formatDate(days) === text ? days : undefined;
}

/** A count of `10^-digits` seconds since 1970-01-01T00:00 as a local timestamp. */
export function formatLocal(value: bigint, digits: 3 | 6 | 9): string {
  const unit = 10n ** BigInt(digits);
  const perDay = DAY_SECONDS * unit;
  const ofDay = ((value % perDay) + perDay) % perDay;
  const days = Number((value - ofDay) / perDay);
  const seconds = Number(ofDay / unit);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = time.map((part) => pad(part, 2)).join(":");
  return `${formatDate(days)}T${clock}.${pad(Number(ofDay % unit), digits)}`;
}

/** The count that {@link formatLocal} shows, or `undefined` when the text is no such timestamp. */
export function parseLocal(text: string, digits: 3 | 6 | 9): bigint | undefined {
  const match = LOCAL.exec(text);
  if (match === null) return undefined;
  const days = parseDate(match[1] as string);
  const [hours, minutes, seconds] = [Number(match[2]), Number(match[3]), Number(match[4])];
  const fraction = match[5] ?? "";
  if (days === undefined || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  if (fraction.length > digits) return undefined;
  const unit = 10n ** BigInt(digits);
  const inSeconds = BigInt(days) * DAY_SECONDS + BigInt(hours * 3600 + minutes * 60 + seconds);
  return inSeconds * unit + BigInt(fraction.padEnd(digits, "0"));
}

function countDays(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const shiftedMonth = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * shiftedMonth + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - 719_468;
}

function formatYear(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return `${year < 0 ? "-" : "+"}${pad(Math.abs(year), 6)}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
