/**
 * Names of generated types, constants and files.
 *
 * Invariants:
 * - A name depends on the set of names it lives with, never on their order.
 * - Two types that share a short name are both qualified; neither is "first".
 * - `$` occurs in no Avro name, topic name or escaped text except where this file puts it, so a name
 *   with `$` never equals one without.
 */
import { createHash } from "node:crypto";

/** Names that a generated type must not have: TypeScript's own, and globals that the output uses. */
const RESERVED = new Set(
  `any as async await bigint boolean break case catch class const constructor continue debugger
  declare default delete do else enum export extends false finally for from function get if
  implements import in infer instanceof interface is keyof let module namespace never new null
  number object of package private protected public readonly require return satisfies set static
  string super switch symbol this throw true try type typeof undefined unique unknown var void while
  with yield arguments eval globalThis NaN Infinity
  Array ArrayBuffer Boolean Buffer Date Error Function JSON Map Math Number Object Omit Partial Pick
  Promise Readonly ReadonlyArray Record Required Set String Symbol Uint8Array`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** A name that is safe to declare: reserved words and globals get a `$` at their end. */
export function safeName(name: string): string {
  return RESERVED.has(name) ? `${name}$` : name;
}

/** Every name that the output may use from the global scope. */
export const reservedNames: ReadonlySet<string> = RESERVED;

/** Text as an identifier: what can't stand in one is written as `$` and its code in hexadecimal. */
export function identifier(text: string): string {
  // Almost every name; looking at each character by itself is for the others.
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text;
  const escaped = [...text].map((character, index) =>
    (index === 0 ? /^[\p{ID_Start}_]$/u : /^\p{ID_Continue}$/u).test(character)
      ? character
      : escapeCharacter(character),
  );
  return escaped.join("") || "$";
}

/**
 * Short names for full names. Where two share one, both take as many trailing segments of their
 * namespaces as it needs to tell all apart: `billing.Address` and `shipping.Address` become
 * `BillingAddress` and `ShippingAddress`.
 */
export function shortNames(fullNames: Iterable<string>): ReadonlyMap<string, string> {
  const depths = new Map([...fullNames].map((fullName) => [fullName, 0]));
  for (;;) {
    const clashing = clashes(depths, qualifiedName).filter((name) => canQualify(name, depths));
    if (clashing.length === 0) break;
    for (const fullName of clashing) depths.set(fullName, (depths.get(fullName) ?? 0) + 1);
  }
  const hopeless = new Set(clashes(depths, qualifiedName));
  return new Map(
    [...depths].map(([fullName, depth]) => [
      fullName,
      safeName(hopeless.has(fullName) ? dollarName(fullName) : qualifiedName(fullName, depth)),
    ]),
  );
}

function clashes(
  depths: ReadonlyMap<string, number>,
  print: (fullName: string, depth: number) => string,
): string[] {
  const groups = new Map<string, string[]>();
  for (const [fullName, depth] of depths) {
    const name = print(fullName, depth);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [fullName]);
    else known.push(fullName);
  }
  return [...groups.values()].filter((members) => members.length > 1).flat();
}

function canQualify(fullName: string, depths: ReadonlyMap<string, number>): boolean {
  return (depths.get(fullName) ?? 0) < fullName.split(".").length - 1;
}

function qualifiedName(fullName: string, depth: number): string {
  const segments = fullName.split(".");
  const [short = "", ...namespace] = [segments.at(-1), ...segments.slice(0, -1)];
  const prefix = namespace.slice(namespace.length - depth).map(capitalised);
  return identifier([...prefix, depth === 0 ? short : capitalised(short)].join(""));
}

function dollarName(fullName: string): string {
  return fullName.split(".").map(identifier).join("$_");
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `OrdersValue` for the subject `orders-value`: the name of a root type that has none. */
export function pascalName(text: string): string {
  return identifier(words(text).map(capitalised).join(""));
}

/** Names of the constants of topics: `orderEvents` for `order-events`. */
export function constantNames(topics: readonly string[]): ReadonlyMap<string, string> {
  const depths = new Map(topics.map((topic) => [topic, 0]));
  const clashing = new Set(clashes(depths, camelName));
  return new Map(
    topics.map((topic) => [
      topic,
      safeName(clashing.has(topic) ? identifier(topic) : camelName(topic)),
    ]),
  );
}

/** `orderEvents`; capitals at the front become small as one word: `devOrders`, `urlEvents`. */
function camelName(text: string): string {
  const shouts = /\p{Lu}/u.test(text) && !/\p{Ll}/u.test(text);
  const [first = "", ...rest] = shouts
    ? words(text.toLowerCase().replaceAll("_", "-"))
    : words(text);
  return identifier(withSmallFront(first) + rest.map(capitalised).join(""));
}

/** A capital that begins the next word stays: `URLEvents` becomes `urlEvents`. */
function withSmallFront(word: string): string {
  const [capitals = ""] = /^\p{Lu}[\p{Lu}\p{Nd}]*/u.exec(word) ?? [];
  const isNextWord = capitals.length > 1 && /^\p{Ll}/u.test(word.slice(capitals.length));
  const count = isNextWord && /\p{Lu}$/u.test(capitals) ? capitals.length - 1 : capitals.length;
  return word.slice(0, count).toLowerCase() + word.slice(count);
}

function words(text: string): string[] {
  return text.split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== "");
}

/** The longest file name without its ending; file systems stop at 255 bytes. */
const FILE_NAME_CHARS_MAX = 200;

/**
 * File names (without ending) for texts such as subjects. Everything but letters, digits, `.`, `_`
 * and `-` is escaped, and so is what would name another folder, hide the file or turn it into a
 * declaration file. Names that differ only in case are told apart, for file systems that don't.
 *
 * The escape is `$` and two hexadecimal digits a byte, not `%`: import specifiers are URLs, in
 * which `%` has a meaning of its own.
 */
export function fileNames(texts: readonly string[]): ReadonlyMap<string, string> {
  const depths = new Map(texts.map((text) => [text, 0]));
  const clashing = new Set(clashes(depths, (text) => fileName(text).toLowerCase()));
  return new Map(
    texts.map((text) => [text, clashing.has(text) ? caseProof(fileName(text)) : fileName(text)]),
  );
}

function fileName(text: string): string {
  const escaped = text
    .replace(/[^A-Za-z0-9._-]/gu, escapeBytes)
    .replace(/^\.|\.$|\.(?=\.)|\.(?=d(\.|$))/g, "$$2e")
    .replace(/^$/, "$$");
  if (escaped.length <= FILE_NAME_CHARS_MAX) return escaped;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${escaped.slice(0, FILE_NAME_CHARS_MAX)}$-${digest}`;
}

function caseProof(name: string): string {
  return name.replace(/\$..|[A-Z]/g, (part) => (part.length > 1 ? part : escapeBytes(part)));
}

function escapeBytes(character: string): string {
  return [...Buffer.from(character, "utf8")]
    .map((byte) => `$${byte.toString(16).padStart(2, "0")}`)
    .join("");
}

function escapeCharacter(character: string): string {
  return `$${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
}
