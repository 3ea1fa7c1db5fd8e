/**
 * Subject names and contexts: the one grammar that server, client, command line and code generator
 * read them by. Nothing else in the sources spells a context.
 *
 * Invariants:
 * - A name that begins with `:.` says its context: what follows up to the next colon, or to its end
 *   where there is no other colon. Every other name, also one that begins with another colon, is a
 *   name in the default context, or in the one that it is read in.
 * - Inside the registry a subject has one spelling: short in the default context (`orders-value`),
 *   qualified elsewhere (`:.ctx:orders-value`). `:.:s` is read as `s`, `:.:` as the empty subject.
 * - A scope key names where a config or a mode is kept: a subject, a context (`:.ctx:`), the whole
 *   default context (`:.:`), or everything (`:.__GLOBAL:`).
 */

/** The context of names without a prefix. */
export const DEFAULT_CONTEXT = ".";
/** Scope key of the default context: what clients call the global config and mode. */
export const GLOBAL_KEY = ":.:";
/** Scope key that every context falls back to. */
export const EVERYTHING_KEY = ":.__GLOBAL:";
/** The context of that key: it has settings, and no schemas. */
export const EVERYTHING_CONTEXT = ".__GLOBAL";
/** Prefix that stands for every context in listings. */
export const ALL_CONTEXTS = ":*:";

/** The names that say their context are those from this text on … */
export const QUALIFIED_FROM = ":.";
/** … up to this one: `/` follows `.`. */
export const QUALIFIED_TO = ":/";

/** A subject name taken apart. */
export interface SubjectName {
  /** With its leading dot; `.` is the default context. */
  readonly context: string;
  /** The name inside the context; empty for the context itself. */
  readonly subject: string;
}

/** Takes a name apart; text that does not begin with `:.` is a name in the default context. */
export function splitSubject(text: string): SubjectName {
  if (!isQualified(text)) return { context: DEFAULT_CONTEXT, subject: text };
  const end = text.indexOf(":", 1);
  if (end < 0) return { context: text.slice(1), subject: "" };
  return { context: text.slice(1, end), subject: text.slice(end + 1) };
}

/** Whether a name says its context. */
export function isQualified(text: string): boolean {
  return text.startsWith(QUALIFIED_FROM);
}

/**
 * What a name says of its context, as the prefix of the names in it: `:.ctx:`, `:.:` where it names
 * the default context; empty text where it says nothing.
 */
export function contextPrefix(text: string): string {
  return isQualified(text) ? contextKey(splitSubject(text).context) : "";
}

/** Puts a context's prefix before a name; one that says its context stays as it is. */
export function prefixSubject(prefix: string, text: string): string {
  return isQualified(text) ? text : prefix + text;
}

/** The registry's one spelling of a subject. */
export function joinSubject({ context, subject }: SubjectName): string {
  return context === DEFAULT_CONTEXT ? subject : `:${context}:${subject}`;
}

/**
 * The registry's one spelling of a name in a context: a name that says its context keeps it, any
 * other is put into `context`.
 */
export function qualifySubject(context: string, text: string): string {
  return joinSubject(isQualified(text) ? splitSubject(text) : { context, subject: text });
}

/** The scope key that a text names: the empty subject's is that of the whole default context. */
export function scopeKey(text: string): string {
  return qualifySubject(DEFAULT_CONTEXT, text) || GLOBAL_KEY;
}

/** Scope key of a context, and the prefix of the names in it. */
export function contextKey(context: string): string {
  return `:${context}:`;
}

/** Whether a scope key names a context and not a subject. */
export function isContextKey(key: string): boolean {
  return isQualified(key) && splitSubject(key).subject === "";
}

/** A name with its context always in front. */
export function qualifiedForm(context: string, text: string): string {
  const name = isQualified(text) ? splitSubject(text) : { context, subject: text };
  return `:${name.context}:${name.subject}`;
}

/**
 * A context's name as clients may write it, with or without its dot and its colons; `undefined` when
 * there is a colon in it.
 */
export function contextNamed(text: string): string | undefined {
  const name = text.replace(/^:/, "").replace(/:$/, "");
  if (name.includes(":")) return undefined;
  return name.startsWith(".") ? name : `.${name}`;
}

const RESERVED = new Set(["__GLOBAL", "__EMPTY"]);

/** Whether there may be schemas under a subject. */
export function isValidSubject(text: string, rejectEmpty: boolean): boolean {
  const { context, subject } = splitSubject(text);
  if (!isValidScope(text) || context === EVERYTHING_CONTEXT) return false;
  return !(rejectEmpty && (subject === "" || subject === "*"));
}

/**
 * The longest name of a subject with its context, and of a reference, in UTF-16 units: far more than a
 * topic and a full name need, and well below what V8 hashes by its length alone.
 */
export const SUBJECT_CHARS_MAX = 4000;

/**
 * Whether there may be a config or a mode for a scope: not too long, no control characters, no
 * reserved name.
 */
export function isValidScope(key: string): boolean {
  return (
    key.length <= SUBJECT_CHARS_MAX && !hasControl(key) && !RESERVED.has(splitSubject(key).subject)
  );
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return true;
  }
  return false;
}
