/**
 * Reading the members of a schema's JSON objects: names, aliases, symbols, orders and sizes, with
 * the place that errors point at.
 */
import { avroErrors } from "./errors.ts";
import { printJson } from "./json-print.ts";
import { int32Of } from "./logical-types.ts";
import type { Json, JsonObject, Name, RecordField } from "./model.ts";
import type { NameRule } from "./names.ts";
import { isPrimitiveName, isValidNamePart, makeName, nameExpectation } from "./names.ts";

/** The largest size of a fixed that Java can hold. */
const FIXED_SIZE_MAX = 0x7fffffff - 8;
const ORDERS: ReadonlySet<string> = new Set(["ascending", "descending", "ignore"]);

/** Shared by all types without aliases. */
export const NO_ALIASES: readonly string[] = [];

/**
 * The longest full name of a type, in UTF-16 units. Full names are keys of Maps, and V8 hashes text of
 * more than 16,383 units by its length alone.
 */
const FULL_NAME_CHARS_MAX = 1000;
/** The same for schemas that a registry may hold since before there was a bound. */
const STORED_NAME_CHARS_MAX = 10_000;
/**
 * How long the namespaces that names inherit may be together: a long one above thousands of short names
 * makes a text many times as long as the schema.
 */
const INHERITED_CHARS_MAX = 4_000_000;

/** A place in the schema: a step below another place. */
export interface PathNode {
  readonly parent: PathNode | undefined;
  readonly step: string | number;
}

/** Reads members; `path` is where the reader of the schema stands. */
export class MemberReader {
  /** `undefined` at the root. Nodes are shared by all places below them. */
  path: PathNode | undefined;
  readonly #nameRule: NameRule;
  #inheritedChars = 0;

  constructor(nameRule: NameRule) {
    this.#nameRule = nameRule;
  }

  /** Goes to a place below; set `path` back to leave it. */
  enter(...steps: readonly (string | number)[]): void {
    for (const step of steps) this.path = { parent: this.path, step };
  }

  /** The full name of a short one in a namespace that was written further up. */
  inherited(namespace: string, name: string): string {
    this.#inheritedChars += namespace.length;
    if (this.#inheritedChars > INHERITED_CHARS_MAX) {
      const limit = `a shorter namespace: the namespaces that names inherit may have ${INHERITED_CHARS_MAX} characters together`;
      this.fail(
        "a namespace that is too long for the number of names that inherit it",
        limit,
        namespace,
      );
    }
    return `${namespace}.${name}`;
  }

  /** The size of a fixed. */
  size(json: Json | undefined): number {
    const size = int32Of(json);
    if (size !== undefined && size >= 0 && size <= FIXED_SIZE_MAX) return size;
    const range = `an integer from 0 to ${FIXED_SIZE_MAX} as "size"`;
    return this.fail("a fixed without a legal size", range, json, "size");
  }

  /** The sort order of a field, in any case, as in Java. */
  order(json: Json | undefined): RecordField["order"] {
    if (json === undefined) return "ascending";
    const order = typeof json === "string" ? json.toLowerCase() : "";
    if (ORDERS.has(order)) return order as RecordField["order"];
    return this.fail("an unknown order", '"ascending", "descending" or "ignore"', json, "order");
  }

  /** The symbols of an enum. */
  symbols(json: Json | undefined): readonly string[] {
    if (!Array.isArray(json)) {
      return this.fail("an enum without symbols", 'an array as "symbols"', json, "symbols");
    }
    const list: readonly Json[] = json;
    const symbols = new Set<string>();
    for (const [index, symbol] of list.entries()) {
      const path = `symbols/${index}`;
      if (typeof symbol !== "string") {
        return this.fail("a symbol that is not text", "a name in double quotes", symbol, path);
      }
      this.checkName(symbol, "enum symbol", path);
      if (symbols.has(symbol)) this.fail("a repeated symbol", "each symbol once", symbol, path);
      symbols.add(symbol);
    }
    return [...symbols];
  }

  /** The name of a named type. */
  typeName(json: JsonObject, namespace: string): Name {
    const text = json.get("name");
    if (typeof text !== "string") {
      return this.fail("a named type without a name", 'a "name" that is text', text, "name");
    }
    const space = json.get("namespace");
    const isInherited = typeof space !== "string" && namespace !== "" && !text.includes(".");
    if (isInherited) this.inherited(namespace, text);
    const name = makeName(text, typeof space === "string" ? space : namespace);
    this.checkLength(name.fullName, "type name", "name");
    this.checkName(name.name, "type name", "name");
    if (name.namespace !== "" && this.#nameRule === "ascii") {
      const step = text.includes(".") ? "name" : "namespace";
      for (const part of name.namespace.split(".")) this.checkName(part, "namespace part", step);
    }
    if (isPrimitiveName(name.fullName)) {
      this.fail("a type named like a primitive type", "another name", name.fullName, "name");
    }
    return name;
  }

  /** Refuses what is no name under the rule of the mode. */
  checkName(name: string, role: string, step: string): void {
    if (isValidNamePart(name, this.#nameRule)) return;
    const expected = nameExpectation(this.#nameRule);
    const pointer = this.pointer(step);
    throw avroErrors.create("AVRO_NAME_INVALID", { found: quoted(name), role, pointer, expected });
  }

  /** Refuses a name that is too long. */
  checkLength(fullName: string, role: string, step?: string): void {
    const max = this.#nameRule === "any" ? STORED_NAME_CHARS_MAX : FULL_NAME_CHARS_MAX;
    if (fullName.length <= max) return;
    const pointer = this.pointer(step);
    const expected = `at most ${max} characters, namespace included`;
    throw avroErrors.create("AVRO_NAME_INVALID", {
      found: quoted(fullName),
      role,
      pointer,
      expected,
    });
  }

  /** The aliases of a named type, as full names. */
  typeAliases(json: JsonObject, owner: Name): readonly string[] {
    const aliases = this.aliases(json);
    if (aliases.length === 0) return aliases;
    const names = new Set<string>();
    for (const text of aliases) {
      if (owner.namespace !== "" && !text.includes(".")) this.inherited(owner.namespace, text);
      const alias = makeName(text, owner.namespace);
      this.checkLength(alias.fullName, "alias", "aliases");
      if (this.#nameRule === "ascii") this.checkName(alias.name, "alias", "aliases");
      names.add(alias.fullName);
    }
    return [...names];
  }

  /** The aliases of a field, as they are written. */
  aliases(json: JsonObject): readonly string[] {
    const list = json.get("aliases");
    if (list === undefined) return NO_ALIASES;
    if (!Array.isArray(list)) {
      return this.fail("aliases that are not an array", "an array of names", list, "aliases");
    }
    const aliases = new Set<string>();
    for (const alias of list as readonly Json[]) {
      if (typeof alias !== "string") {
        return this.fail("an alias that is not text", "names in double quotes", alias, "aliases");
      }
      aliases.add(alias);
    }
    return [...aliases];
  }

  /** The JSON pointer of the place, or of one of its members. */
  pointer(step?: string): string {
    return pointerOf(step === undefined ? this.path : { parent: this.path, step });
  }

  /** Refuses the schema. */
  fail(problem: string, expected: string, found: Json | undefined, step?: string): never {
    throw avroErrors.create("AVRO_SCHEMA_INVALID", {
      problem,
      expected,
      found: found === undefined ? "nothing" : printJson(found),
      pointer: this.pointer(step),
    });
  }
}

/** The JSON pointer of a place. */
export function pointerOf(path: PathNode | undefined): string {
  const steps: (string | number)[] = [];
  for (let at = path; at !== undefined; at = at.parent) steps.push(at.step);
  return steps
    .reverse()
    .map((step) => `/${step}`)
    .join("");
}

function quoted(text: string): string {
  return `"${text}"`;
}
