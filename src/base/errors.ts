/**
 * Every error of typewire is a row in a table of its module (`src/<module>/errors.ts`): a stable
 * code, a message template, a hint with the next step, and whether trying again can help. A test
 * compares the tables with `docs/errors.md` in both directions.
 */

import { witness } from "./witness.ts";

/** One row of an error table. */
export interface ErrorRow {
  /** What failed, on which thing, with which value; `{name}` is replaced by `details.name`. */
  readonly message: string;
  /** The next step for the reader, as a sentence; may use the same placeholders. */
  readonly hint: string;
  /** True when the same call can succeed later without a change. Default false. */
  readonly retriable?: boolean;
  /**
   * Types of the details that programs read, by name; other placeholders of `message` are `unknown`.
   * May name details that the message does not show.
   */
  readonly details?: Readonly<Record<string, keyof DetailTypes>>;
}

/** What a row can say of the type of a detail. */
export interface DetailTypes {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly numbers: readonly number[];
}

/** The rows of a table, by code. */
export type ErrorRows = Readonly<Record<string, ErrorRow>>;

/** Names of the placeholders in a template. */
export type PlaceholdersOf<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholdersOf<Rest>
  : never;

/** The details of a row's errors: the placeholders of its message, and what it declares. */
export type DetailsOf<Row extends ErrorRow> = {
  readonly [Name in
    | PlaceholdersOf<Row["message"]>
    | keyof DeclaredOf<Row>]: Name extends keyof DeclaredOf<Row>
    ? DetailTypes[DeclaredOf<Row>[Name] & keyof DetailTypes]
    : unknown;
};

type DeclaredOf<Row> = Row extends { readonly details: infer Declared } ? Declared : object;

/** Values for the placeholders of a row; also kept on the error for programs to read. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The error class that all of typewire throws.
 *
 * Recognise one with {@link isTypewireError} (it also works across two installed copies) and branch
 * on `code`, never on `message`.
 */
export class TypewireError<
  Code extends string = string,
  Details extends object = ErrorDetails,
> extends Error {
  override readonly name = "TypewireError";
  /** Stable code, for example `AVRO_SCHEMA_INVALID`. */
  readonly code: Code;
  /** The next step, as a sentence. */
  readonly hint: string;
  /** True when the same call can succeed later without a change. */
  readonly retriable: boolean;
  /** The values that the message was made from. */
  readonly details: Details;

  constructor(code: Code, row: ErrorRow, given: Details, cause?: unknown) {
    const details = withoutSecrets(given as ErrorDetails);
    super(fill(row.message, details), cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = fill(row.hint, details);
    this.retriable = row.retriable ?? false;
    this.details = details as Details;
    templates.set(this, row.message);
    witness(code);
  }
}

/** What messages were made from, for {@link messageLines}. */
const templates = new WeakMap<object, string>();

/**
 * The message of an error for a terminal, which has room for it: sentences stand in it whole (up to
 * 20,000 characters), and several problems one a line.
 */
export function messageLines(error: TypewireError): readonly string[] {
  const template = templates.get(error);
  if (template === undefined) return [error.message];
  const { problems } = error.details;
  if (!Array.isArray(problems) || problems.length < 2) {
    return [fill(template, error.details, TERMINAL_CHARS_MAX)];
  }
  const [head = ""] = template.split("{problems}");
  return [
    fill(head, error.details, TERMINAL_CHARS_MAX).trimEnd(),
    ...problems.map((problem) => `  ${sentence(problem, TERMINAL_CHARS_MAX)}`),
  ];
}

/** A module's error table, and the one way to make its errors. */
export interface ErrorTable<Rows extends ErrorRows> {
  readonly rows: Rows;
  /** Makes (does not throw) the error of a row. */
  create<Code extends keyof Rows & string>(
    code: Code,
    ...given: MadeOf<DetailsOf<Rows[Code]>>
  ): TypewireError<Code, DetailsOf<Rows[Code]>>;
}

/** A row without placeholders needs no details. */
type MadeOf<Details> = keyof Details extends never
  ? [details?: ErrorDetails, cause?: unknown]
  : [details: Details & ErrorDetails, cause?: unknown];

/** Declares a module's error table. Codes start with the module's prefix and are never reused. */
export function defineErrors<const Rows extends ErrorRows>(rows: Rows): ErrorTable<Rows> {
  return {
    rows,
    create: (code, ...[details, cause]) =>
      // The parameters have the details of the row; `{}` stands in for a row without any.
      new TypewireError(code, rows[code] as ErrorRow, (details ?? {}) as never, cause),
  };
}

/**
 * Whether a value is an error of typewire, with one of the codes if any are given. The entry
 * `typewire` has it with the codes of all tables as types.
 *
 * @example
 * ```ts
 * import { isTypewireError } from "typewire";
 * import { parseSchema } from "typewire/avro";
 *
 * try {
 *   parseSchema('{"type":"record"}', { mode: "strict" });
 * } catch (error) {
 *   if (!isTypewireError(error, "AVRO_SCHEMA_INVALID")) throw error;
 *   console.log(error.message, error.hint);
 * }
 * ```
 */
export function isTypewireError(
  value: unknown,
  ...codes: readonly string[]
): value is TypewireError {
  return (
    value instanceof Error &&
    value.name === "TypewireError" &&
    "code" in value &&
    (codes.length === 0 || codes.includes(value.code as string))
  );
}

/** What was thrown, as text: an error's message, or the value itself. Never throws, whatever it is. */
export function reasonOf(error: unknown): string {
  try {
    // The message of a foreign error may be anything.
    return `${error instanceof Error ? error.message : String(error)}`;
  } catch {
    return `a thrown ${typeof error} without a text`;
  }
}

const MASK = "***";

/**
 * A URL, or what was meant as one, for people to read: without user, password, query and fragment. What
 * stands before the last `@` is taken for a user and password, however it is written; so is what
 * stands where a port should.
 */
export function redactUrl(text: string): string {
  const scheme = /^\s*[a-z][a-z\d+.-]*:\/\//i.exec(text)?.[0] ?? "";
  const at = text.lastIndexOf("@");
  const host = at < scheme.length ? text.slice(scheme.length) : text.slice(at + 1);
  const [, name = "", port = "", rest = ""] =
    /^(\[[^\]]*\]|[^:/?#]*)([^/?#]*)(.*)$/s.exec(host) ?? [];
  const [, path = "", query = ""] = /^([^?#]*)(.*)$/s.exec(rest) ?? [];
  return [
    scheme,
    at < scheme.length ? "" : `${MASK}@`,
    name,
    /^(?::\d*)?$/.test(port) ? port : `:${MASK}`,
    path,
    query === "" ? "" : `${query.slice(0, 1)}${MASK}`,
  ].join("");
}

/** Text with every URL in it without its user and password; the rest stays as it is. */
export function redactUrls(text: string): string {
  if (!text.includes("://") || !text.includes("@")) return text;
  const parts: string[] = [];
  let done = 0;
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", done)) {
    const start = at + "://".length;
    URL_END.lastIndex = start;
    const end = URL_END.exec(text)?.index ?? text.length;
    const user = text.slice(start, end).lastIndexOf("@");
    parts.push(text.slice(done, start), user === -1 ? "" : MASK);
    parts.push(text.slice(user === -1 ? start : start + user, end));
    done = end;
  }
  return parts.join("") + text.slice(done);
}

const URL_END = /[\s"'<>`]/g;

/** Whatever a module forgets: no detail has a URL with a password. */
function withoutSecrets(details: ErrorDetails): ErrorDetails {
  const values = Object.values(details);
  if (!values.some((value) => mayHaveUser(value))) return details;
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, withoutUrls(value)]),
  );
}

/** Lists are looked into so deep; what is below, or a list that holds itself, is not shown. */
const LISTS_DEPTH_MAX = 2;

function mayHaveUser(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return value.includes("://") && value.includes("@");
  if (!Array.isArray(value)) return false;
  return depth === LISTS_DEPTH_MAX || value.some((item) => mayHaveUser(item, depth + 1));
}

function withoutUrls(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactUrls(value);
  if (!Array.isArray(value)) return value;
  return depth === LISTS_DEPTH_MAX ? "[…]" : value.map((item) => withoutUrls(item, depth + 1));
}

/** The longest rendering of one value; longer text is cut and marked with `…`. */
const SHOWN_CHARS_MAX = 200;
/** The longest rendering of a sentence; longer ones are cut in the middle ({@link shorten}). */
const SENTENCE_CHARS_MAX = 1000;
/** The same where a person reads, and nothing else is on the screen. */
const TERMINAL_CHARS_MAX = 20_000;
/** Placeholders that hold sentences, of other errors for example; `problems` may be an array of them. */
const SENTENCES: ReadonlySet<string> = new Set([
  "fields",
  "first",
  "names",
  "problem",
  "problems",
  "reason",
]);

/**
 * Characters that do something instead of being seen: controls (a terminal obeys them), line and
 * paragraph separators, direction marks, tags and halves of surrogate pairs.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text from anywhere as one line that is safe to print: what a terminal, a log or a reader would take
 * for something else is written as `\uXXXX`. JSON text stays JSON with the same value.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, escapeUnits);
}

function escapeUnits(found: string): string {
  return found.replace(
    /[\s\S]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * A value as it appears in messages: text on one line, with control characters and line separators
 * escaped (so untrusted text cannot forge log lines), everything else as JSON.
 *
 * What was shown once stays as it is when it is shown again: messages are quoted in messages. So
 * quotes and backslashes are not escaped.
 */
export function show(value: unknown): string {
  // The start of a text is enough: what is escaped only grows.
  const text = typeof value === "string" ? value.slice(0, SHOWN_CHARS_MAX + 1) : render(value);
  const safe = onOneLine(text);
  return safe.length > SHOWN_CHARS_MAX ? `${safe.slice(0, SHOWN_CHARS_MAX)}…` : safe;
}

/** A sentence on one line, short enough for a message. */
function sentence(value: unknown, charsMax: number): string {
  const text = typeof value === "string" ? shorten(value, charsMax) : render(value);
  return shorten(onOneLine(text), charsMax);
}

/**
 * A text of at most `charsMax` characters and a mark: a longer one loses its middle, because errors
 * begin with what failed and end with the reason, and quote in between.
 */
export function shorten(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const head = Math.floor(charsMax * HEAD_SHARE);
  return `${text.slice(0, head)} … ${text.slice(text.length - (charsMax - head))}`;
}

/** The part of a shortened text that its start gets. */
const HEAD_SHARE = 0.3;

function onOneLine(text: string): string {
  return printable(text.replace(/[\n\r\t]/g, (unit) => JSON.stringify(unit).slice(1, -1)));
}

function fill(template: string, details: ErrorDetails, charsMax = SENTENCE_CHARS_MAX): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (!Object.hasOwn(details, name)) return whole;
    const value = details[name];
    // The JSON pointer of a whole document is the empty text.
    if (name === "pointer" && value === "") return "the root";
    if (!SENTENCES.has(name)) return show(value);
    return sentence(
      name === "problems" && Array.isArray(value) ? value.join("; ") : value,
      charsMax,
    );
  });
}

function render(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) return show(redactUrls(value.message));
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Too deep, or a circle; the text of such an array would not end either.
    return Array.isArray(value) ? "[…]" : "{…}";
  }
}
