/**
 * Made-up values of scalar types, by the name of the field that they are for.
 *
 * Invariant: every value is in the form in which reading gives it back.
 */
import type { ScalarShape } from "../avro/index.ts";
import { FRACTION_DIGITS } from "../avro/index.ts";
import type { Random } from "./random.ts";
import { integerIn, oneOf } from "./random.ts";

const FIRST_NAMES = ["Ada", "Alan", "Barbara", "Edsger", "Grace", "Ken", "Margaret", "Zoë"];
const LAST_NAMES = ["Dijkstra", "Hamilton", "Hopper", "Liskov", "Lovelace", "Thompson", "Turing"];
const CITIES = ["Berlin", "Bogotá", "Kyoto", "Lagos", "Oslo", "Ottawa", "Zürich"];
const COUNTRIES = ["CA", "CH", "CO", "DE", "JP", "NG", "NO"];
const CURRENCIES = ["CAD", "CHF", "EUR", "JPY", "NOK", "USD"];
const STREETS = ["Elm Street", "Harbour Road", "Main Street", "Station Square"];
const WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo"];
const STATES = ["active", "closed", "new", "paid", "pending"];

/** Text by the words in a name; the first row that fits counts. */
const TEXTS: readonly (readonly [words: RegExp, make: (random: Random) => string])[] = [
  [/e-?mail/, (random) => `${lower(oneOf(random, FIRST_NAMES))}@example.com`],
  [/first.?name|given/, (random) => oneOf(random, FIRST_NAMES)],
  [/last.?name|sur.?name|family/, (random) => oneOf(random, LAST_NAMES)],
  [/url|link|site/, (random) => `https://example.com/${oneOf(random, WORDS)}`],
  [/host|domain/, (random) => `${oneOf(random, WORDS)}.example.com`],
  [/phone|mobile/, (random) => `+1555${integerIn(random, 1_000_000, 9_999_999)}`],
  [/city|town/, (random) => oneOf(random, CITIES)],
  [/country|nation/, (random) => oneOf(random, COUNTRIES)],
  [/currency/, (random) => oneOf(random, CURRENCIES)],
  [/street|address/, (random) => `${integerIn(random, 1, 200)} ${oneOf(random, STREETS)}`],
  [/zip|post.?code|postal/, (random) => String(integerIn(random, 10_000, 99_999))],
  [/status|state/, (random) => oneOf(random, STATES)],
  [/\bid$|\bids$|key$|number$|ref$|code$|token$/, (random) => idText(random)],
  [/name|customer|user|author|owner/, (random) => fullName(random)],
];

/** Text that suits a name. */
export function sampleText(name: string, random: Random): string {
  // `orderId`, `order_id` and `order-id` have the same words.
  const words = lower(name.replace(/([a-z\d])([A-Z])/g, "$1 $2").replace(/[_.-]/g, " "));
  const row = TEXTS.find(([pattern]) => pattern.test(words));
  return row?.[1](random) ?? `${oneOf(random, WORDS)} ${oneOf(random, WORDS)}`;
}

/** A value of a scalar type. */
export function sampleScalar({ conversion, schema }: ScalarShape, name: string, random: Random) {
  const logical = schema.logicalType;
  switch (conversion) {
    case "null":
      return null;
    case "boolean":
      return random() < 0.5;
    case "int":
      return Number(wholeNumber(logical?.kind, name, random));
    case "long-number":
      return Number(wholeNumber(logical?.kind, name, random));
    case "long-bigint":
      return wholeNumber(logical?.kind, name, random);
    case "float":
      return Math.fround(integerIn(random, -100_000, 100_000) / 64);
    case "double":
      return integerIn(random, -10_000_000, 10_000_000) / 100;
    case "bytes":
      return Uint8Array.from({ length: integerIn(random, 0, 16) }, () => integerIn(random, 0, 255));
    case "string":
      return sampleText(name, random);
    case "date-text":
      return new Date(instantMs(random)).toISOString().slice(0, 10);
    case "timestamp-date":
      return new Date(instantMs(random));
    case "local-timestamp-text":
      return localText(logical?.kind, random);
    case "decimal-text":
      return logical?.kind === "decimal" ? decimalText(logical, random) : "0";
    case "big-decimal-text":
      return decimalText({ precision: 9, scale: integerIn(random, 0, 4) }, random);
    case "uuid-text":
      return uuidText(random);
    case "duration-object":
      return {
        months: integerIn(random, 0, 12),
        days: integerIn(random, 0, 31),
        millis: integerIn(random, 0, 86_399_999),
      };
  }
}

/** 2020-01-01 and ten years. */
const FIRST_MS = Date.UTC(2020, 0, 1);
const SPAN_SECONDS = 10 * 365 * 86_400;
const DAY_MS = 86_400_000;

function instantMs(random: Random): number {
  return FIRST_MS + integerIn(random, 0, SPAN_SECONDS) * 1_000 + integerIn(random, 0, 999);
}

/** Integers by their logical type; without one, the name says whether they look like a time. */
function wholeNumber(logical: string | undefined, name: string, random: Random): bigint {
  switch (logical) {
    case "date":
      return BigInt(Math.floor(instantMs(random) / DAY_MS));
    case "time-millis":
      return BigInt(integerIn(random, 0, DAY_MS - 1));
    case "time-micros":
      return BigInt(integerIn(random, 0, DAY_MS - 1)) * 1_000n;
    case "timestamp-millis":
    case "local-timestamp-millis":
      return BigInt(instantMs(random));
    case "timestamp-micros":
    case "local-timestamp-micros":
      return BigInt(instantMs(random)) * 1_000n + BigInt(integerIn(random, 0, 999));
    case "timestamp-nanos":
    case "local-timestamp-nanos":
      return nanos(random);
    default: {
      const isAge = /age$|count|quantity|qty|items/i.test(name);
      return BigInt(isAge ? integerIn(random, 1, 99) : integerIn(random, 0, 100_000));
    }
  }
}

/** A safe integer, as a mapping may show it as a `number`: before 1970-04-15. */
function nanos(random: Random): bigint {
  return (
    BigInt(integerIn(random, 0, 9_000_000)) * 1_000_000_000n + BigInt(integerIn(random, 0, 999))
  );
}

function localText(logical: string | undefined, random: Random): string {
  const digits =
    FRACTION_DIGITS[(logical ?? "local-timestamp-millis") as keyof typeof FRACTION_DIGITS];
  const text = new Date(instantMs(random)).toISOString().slice(0, -1);
  const extra = Array.from({ length: digits - 3 }, () => integerIn(random, 0, 9)).join("");
  return text + extra;
}

/** Digits that amounts of money have, as far as the type has room for them. */
const DIGITS_MAX = 7;

function decimalText(
  { precision, scale }: { readonly precision: number; readonly scale: number },
  random: Random,
): string {
  const length = Math.min(precision, Math.max(scale, DIGITS_MAX));
  const digits = Array.from({ length }, () => integerIn(random, 0, 9)).join("");
  const padded = digits.padStart(scale + 1, "0");
  const whole = padded.slice(0, padded.length - scale).replace(/^0+(?=\d)/, "");
  return scale === 0 ? whole : `${whole}.${padded.slice(padded.length - scale)}`;
}

function uuidText(random: Random): string {
  const hex = (length: number): string =>
    Array.from({ length }, () => integerIn(random, 0, 15).toString(16)).join("");
  // Version 4, variant 1 of RFC 9562.
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${oneOf(random, ["8", "9", "a", "b"])}${hex(3)}-${hex(12)}`;
}

function idText(random: Random): string {
  return `${oneOf(random, WORDS)}-${integerIn(random, 1, 99_999)}`;
}

function fullName(random: Random): string {
  return `${oneOf(random, FIRST_NAMES)} ${oneOf(random, LAST_NAMES)}`;
}

function lower(text: string): string {
  return text.toLowerCase();
}
