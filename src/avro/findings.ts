/**
 * What a compatibility check found: every finding is counted, only those that are shown are written out.
 *
 * When types are used twice at each level, the number of findings grows exponentially with the length
 * of the schema. So findings form a graph: the findings of a pair of types are one node, however often
 * they count.
 *
 * Invariants:
 * - The memory of a group is bounded: it keeps as many of its parts as can be shown, and counts the rest.
 * - At most {@link FINDINGS_SHOWN_MAX} are written out, fewer when their texts are long; if there
 *   are more, the last entry says how many.
 */

/** The kinds of findings, as Java and Confluent spell them; the last one is ours. */
export type IncompatibilityType =
  | "NAME_MISMATCH"
  | "FIXED_SIZE_MISMATCH"
  | "MISSING_ENUM_SYMBOLS"
  | "READER_FIELD_MISSING_DEFAULT_VALUE"
  | "TYPE_MISMATCH"
  | "MISSING_UNION_BRANCH"
  | "MORE_FINDINGS";

/** One reason why a reader may fail. */
export interface Incompatibility {
  /** `MORE_FINDINGS` stands last in a list that does not show everything; its message says how many. */
  readonly type: IncompatibilityType;
  /** Java's location: a pointer into the reader that starts again inside unions; `/` is the root. */
  readonly location: string;
  /** Java's message, for example `expected: 8, found: 4`; a very long one is cut. */
  readonly message: string;
  /** JSON pointer from the root of the reader's schema; references are followed. `""` is the root. */
  readonly readerPath: string;
  /** JSON pointer from the root of the writer's schema. */
  readonly writerPath: string;
}

/** How many findings are shown. */
export const FINDINGS_SHOWN_MAX = 200;
/** How long the texts of the shown findings may be together, in characters, after the first. */
export const FINDINGS_CHARS_MAX = 250_000;
/** Where a message is cut, in characters; Confluent cuts the old schema at the same length. */
const MESSAGE_CHARS_MAX = 10_240;

/** How one step changes a place; without a location the location starts again there. */
export type Step = (
  reader: number,
  writer: number,
) => {
  readonly location?: string;
  readonly reader?: string;
  readonly writer?: string;
};

/** Where a check stands, as steps from the root; texts are made for what is shown alone. */
export interface Place {
  readonly parent: Place | undefined;
  readonly step: Step;
  /** Index in the reader and in the writer that the step takes. */
  readonly reader: number;
  readonly writer: number;
}

/** A place below another. */
export function placeBelow(
  parent: Place | undefined,
  step: Step,
  reader = 0,
  writer = reader,
): Place {
  return { parent, step, reader, writer };
}

/** One finding; the message is made when it is shown. */
interface Single {
  readonly count: 1;
  readonly type: IncompatibilityType;
  readonly place: Place | undefined;
  readonly message: () => string;
}

interface Group {
  readonly count: number;
  readonly parts: readonly (Single | Group)[];
}

/** Findings; `undefined` for none. */
export type Findings = Single | Group | undefined;

/** One finding. */
export function found(
  type: IncompatibilityType,
  place: Place | undefined,
  message: () => string,
): Single {
  return { count: 1, type, place, message };
}

/** Gathers findings in their order. */
export class FindingList {
  readonly #parts: (Single | Group)[] = [];
  #count = 0;
  readonly #keptMax: number;

  /** Of what is not shown one part is enough to know that there is something. */
  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  add(findings: Findings): void {
    if (findings === undefined) return;
    this.#count = Math.min(this.#count + findings.count, Number.MAX_SAFE_INTEGER);
    // Each part has one finding at least.
    if (this.#parts.length < this.#keptMax) this.#parts.push(findings);
  }

  get all(): Findings {
    const [first] = this.#parts;
    return this.#parts.length < 2 ? first : { count: this.#count, parts: this.#parts };
  }
}

/** The findings that are shown, and how many more there are. */
export function shownFindings(findings: Findings): readonly Incompatibility[] {
  if (findings === undefined) return [];
  const shown: Incompatibility[] = [];
  let chars = 0;
  for (const single of singlesOf(findings)) {
    const entry = written(single);
    chars += entry.location.length + entry.readerPath.length + entry.writerPath.length;
    chars += entry.message.length;
    if (shown.length === FINDINGS_SHOWN_MAX) break;
    if (shown.length > 0 && chars > FINDINGS_CHARS_MAX) break;
    shown.push(entry);
  }
  const more = findings.count - shown.length;
  return more === 0 ? shown : [...shown, moreFindings(more, findings.count)];
}

/** An entry that stands for those that are not shown. */
function moreFindings(more: number, count: number): Incompatibility {
  const isExact = count < Number.MAX_SAFE_INTEGER;
  const message = isExact ? `${more} more` : `more than ${more} more`;
  return { type: "MORE_FINDINGS", location: "/", message, readerPath: "", writerPath: "" };
}

/** Single findings in their order; a group that counts several times gives them several times. */
function* singlesOf(findings: Single | Group): Generator<Single> {
  const rest = [findings];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if ("parts" in next) for (const part of next.parts.toReversed()) rest.push(part);
    else yield next;
  }
}

function written({ type, place, message }: Single): Incompatibility {
  let [location, reader, writer] = ["", "", ""];
  for (const { step, ...index } of stepsTo(place)) {
    const part = step(index.reader, index.writer);
    location = part.location === undefined ? "" : location + part.location;
    reader += part.reader ?? "";
    writer += part.writer ?? "";
  }
  const text = message();
  return {
    type,
    location: location === "" ? "/" : location,
    message: text.length > MESSAGE_CHARS_MAX ? `${text.slice(0, MESSAGE_CHARS_MAX)}...` : text,
    readerPath: reader,
    writerPath: writer,
  };
}

/** From the root on. */
function stepsTo(place: Place | undefined): readonly Place[] {
  const steps: Place[] = [];
  for (let at = place; at !== undefined; at = at.parent) steps.push(at);
  return steps.reverse();
}
