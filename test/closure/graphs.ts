/** Random graphs of references and versions, registered one version after the other. */
import fc from "fast-check";
import type { SchemaReference } from "../../src/api/index.ts";
import type { RegistryClient } from "../../src/client/index.ts";
import { refusalOf } from "../../src/client/index.ts";

/** A version that the registry took or refused. */
export interface Attempt {
  readonly subject: string;
  /** Undefined when it was refused. */
  readonly version: number | undefined;
  readonly id: number | undefined;
  readonly refusal: string | undefined;
  readonly text: string;
  readonly references: readonly SchemaReference[];
}

/** A version that is to be made; numbers pick among what there is by then. */
export interface Plan {
  readonly type: number;
  readonly uses: readonly { readonly type: number; readonly version: number }[];
  /** More references, to types that the text does not use. */
  readonly more: readonly { readonly type: number; readonly version: number }[];
  readonly fields: readonly string[];
  readonly shared: number;
  readonly isUnion: boolean;
  /** Whether references have names of their own, so that several versions can come together. */
  readonly renames: boolean;
  readonly isTurned: boolean;
}

const TYPES = 6;
const FIELDS: Readonly<Record<string, object>> = {
  a: { type: "int" },
  b: { type: "int", default: 1 },
  c: { type: "string", default: "c" },
  d: { type: ["null", "long"], default: null },
};
/** Definitions of one enum that many texts hold; the last two are not equal to the others. */
const SHARED: readonly object[] = [
  { symbols: ["A", "B"] },
  { symbols: ["A", "B"], doc: "again" },
  { symbols: ["A", "B"], default: "A" },
  { symbols: ["B", "A"] },
  { symbols: ["A", "B"], owner: "x" },
];
const pick = fc.record({ type: fc.nat(TYPES - 1), version: fc.nat(3) });

/** Plans, in the order of registration; types use types of lower numbers. */
export const arbPlans: fc.Arbitrary<readonly Plan[]> = fc
  .array(
    fc.record({
      type: fc.nat(TYPES - 1),
      uses: fc.array(pick, { minLength: 1, maxLength: 3 }),
      more: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(pick, { maxLength: 2 })),
      fields: fc.shuffledSubarray(Object.keys(FIELDS)),
      shared: fc.oneof(
        { weight: 4, arbitrary: fc.constant(-1) },
        { weight: 3, arbitrary: fc.nat(2) },
        { weight: 2, arbitrary: fc.nat(SHARED.length - 1) },
      ),
      isUnion: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
      renames: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.boolean()),
      isTurned: fc.boolean(),
    }),
    { minLength: 6, maxLength: 18 },
  )
  .map((plans) => plans.toSorted((one, other) => one.type - other.type));

/** Registers what is planned, under subjects with a prefix; what the registry refuses is noted. */
export async function registerPlans(
  registry: RegistryClient,
  prefix: string,
  plans: readonly Plan[],
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const plan of plans) {
    const subject = `${prefix}${plan.type}`;
    const { text, references } = written(plan, prefix, attempts);
    try {
      const { id, version } = await registry.register(subject, { schema: text, references });
      attempts.push({ subject, version, id, refusal: undefined, text, references });
    } catch (error) {
      if (refusalOf(error)?.errorCode !== 42201) throw error;
      const refusal = refusalOf(error)?.message ?? "";
      attempts.push({ subject, version: undefined, id: undefined, refusal, text, references });
    }
  }
  return attempts;
}

function written(plan: Plan, prefix: string, attempts: readonly Attempt[]) {
  const find = ({ type, version }: Plan["uses"][number]): SchemaReference[] => {
    if (type >= plan.type) return [];
    const subject = `${prefix}${type}`;
    const there = attempts.filter((one) => one.subject === subject && one.version !== undefined);
    const found = there[version % Math.max(there.length, 1)]?.version;
    if (found === undefined) return [];
    const name = plan.renames ? `${subject} ${found}` : `g.T${type}`;
    return [{ name, subject, version: found }];
  };
  const uses = plan.uses.flatMap(find);
  const references = [...uses, ...plan.more.flatMap(find)];
  const names = [...new Set(uses.map(({ subject }) => `g.T${subject.slice(prefix.length)}`))];
  const fields = [
    ...plan.fields.map((name) => ({ name, ...FIELDS[name] })),
    ...names.map((name, index) => ({
      name: `u${index}`,
      type: index % 2 === 0 ? name : { type: "array", items: name },
    })),
    ...(plan.shared < 0 ? [] : [{ name: "e", type: sharedEnum(plan.shared) }]),
  ];
  const turned = plan.isTurned ? fields.toReversed() : fields;
  const schema =
    plan.isUnion && names.length > 0
      ? ["null", ...names]
      : { type: "record", name: `g.T${plan.type}`, fields: turned };
  return { text: JSON.stringify(schema), references };
}

function sharedEnum(index: number): object {
  return { type: "enum", name: "g.E", ...SHARED[index] };
}

/**
 * The texts that one parser of Java would read for an attempt, the attempt's own at the end: written
 * as Confluent's code is, with recursion, to be compared with ours.
 */
export function parseOrder(attempt: Attempt, attempts: readonly Attempt[]): string[] {
  const visited = new Set<string>();
  const texts = new Map<string, string>();
  const resolve = (references: readonly SchemaReference[]): void => {
    for (const { name, subject, version } of references) {
      const target = attempts.find((one) => one.subject === subject && one.version === version);
      if (target === undefined) throw new Error(`no ${subject} ${version}`);
      if (visited.has(name)) continue;
      visited.add(name);
      resolve(target.references);
      texts.set(name, target.text);
    }
  };
  resolve(attempt.references);
  return [...texts.values(), attempt.text];
}
