/**
 * What the schemas of a run mean, each after all that it refers to.
 *
 * Invariant: a schema has one meaning here, in the registry and in the clients, because all of them
 * read its closure (`src/confluent/closure.ts`). Where it means the same in two closures, its types are
 * the same objects in both.
 */
import type { ParseOptions, ReadText } from "../src/avro/index.ts";
import { isTypewireError } from "../src/base/index.ts";
import type {
  Closure,
  ClosureFailure,
  ClosureReference,
  NameTaken,
} from "../src/confluent/index.ts";
import { closeReferences, readClosure } from "../src/confluent/index.ts";
import { codegenErrors } from "./errors.ts";
import type { Reference, SourceSchema } from "./subjects.ts";
import { unknownReference } from "./subjects.ts";

/** A schema with its meaning. */
export interface ClosedSchema<S extends SourceSchema> {
  readonly source: S;
  readonly closure: Closure<S>;
  /** References that were left out because their name was taken by another version. */
  readonly taken: readonly NameTaken<S>[];
}

/** How {@link closeSchemas} finds and reads. */
export interface ClosingOptions<S extends SourceSchema> {
  readonly mode: ParseOptions["mode"];
  /** What a reference of a schema leads to. */
  readonly targetOf: (referrer: S, reference: Reference) => S | undefined;
  /** Makes the error of a schema that can't be read. */
  readonly explain: (failure: ClosureFailure<S>, schema: S) => unknown;
}

/**
 * Closes schemas, in their order.
 *
 * @throws CODEGEN_REFERENCE_CYCLE, CODEGEN_REFERENCE_UNKNOWN, and what `explain` makes
 */
export function closeSchemas<S extends SourceSchema>(
  schemas: readonly S[],
  { mode, targetOf, explain }: ClosingOptions<S>,
): ClosedSchema<S>[] {
  const memory = new Map<S, readonly ReadText[]>();
  const linked = new Map<S, readonly ClosureReference<S>[]>();
  const referencesOf = (schema: S): readonly ClosureReference<S>[] => {
    const known = linked.get(schema);
    if (known !== undefined) return known;
    const references = schema.references.map((reference) => {
      const target = targetOf(schema, reference);
      if (target === undefined) throw unknownReference(schema.subject, reference);
      return { name: reference.name, target };
    });
    linked.set(schema, references);
    return references;
  };
  refuseCycles(schemas, (schema) => referencesOf(schema).map(({ target }) => target));
  return schemas.map((source) => {
    const failed = (failure: ClosureFailure<S>): unknown => explain(failure, source);
    try {
      const { order, taken } = closeReferences(referencesOf(source), referencesOf);
      const options = { mode, referenceMode: mode, memory, explain: failed };
      return { source, closure: readClosure(source, order, options), taken };
    } catch (error) {
      throw isTypewireError(error, "AVRO_CLOSURE_TOO_LARGE") ? failed({ error }) : error;
    }
  });
}

/** @throws CODEGEN_REFERENCE_CYCLE */
function refuseCycles<S extends SourceSchema>(
  schemas: readonly S[],
  targetsOf: (schema: S) => readonly S[],
): void {
  const done = new Set<S>();
  const path: { readonly schema: S; readonly targets: readonly S[]; next: number }[] = [];
  const enter = (schema: S): void => {
    if (done.has(schema)) return;
    const from = path.findIndex((open) => open.schema === schema);
    if (from >= 0) {
      const subjects = [...path.slice(from).map((open) => open.schema), schema];
      throw codegenErrors.create("CODEGEN_REFERENCE_CYCLE", {
        subject: schema.subject,
        path: subjects.map(({ subject }) => subject).join(" → "),
      });
    }
    path.push({ schema, targets: targetsOf(schema), next: 0 });
  };
  for (const root of schemas) {
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = top.targets[top.next++];
      if (target !== undefined) {
        enter(target);
      } else {
        done.add(top.schema);
        path.pop();
      }
    }
  }
}
