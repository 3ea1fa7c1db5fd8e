/**
 * Rules of schemas (data contracts): what a client has to do with values when it writes or reads them.
 * None can be run here, so what counts is whether one would have to be.
 *
 * Invariants:
 * - A value that a rule would have changed or refused is never handed out or sent in silence.
 * - What is not understood about a rule (no mode, an unknown one) counts as a rule that has to run.
 * - A registry that does not answer says nothing about rules: that error passes through.
 */
import { isTypewireError } from "../../base/index.ts";
import type { AnyAvroType, AnyTopic } from "../../schema/index.ts";
import type { SchemaRef } from "../../wire/index.ts";
import type { SchemaLookup, SchemaRules } from "../contract/index.ts";
import { avroTypesOf, kafkaErrors } from "../contract/index.ts";
import type { Part } from "./read-as.ts";

/** What a client does with values. */
export type RuleUse = "read" | "write";

/** A rule that has to run. */
interface ActiveRule {
  readonly rule: string;
  readonly type: string;
  readonly mode: string;
}

/** Modes in which a rule does nothing for a use. Migrations run on reading, between versions. */
const IDLE_MODES: Readonly<Record<RuleUse, ReadonlySet<string>>> = {
  read: new Set(["WRITE"]),
  write: new Set(["READ", "UPGRADE", "DOWNGRADE", "UPDOWN"]),
};

/** Places other than the client where rules can be enabled: then they are somebody else's to run. */
const ELSEWHERE: ReadonlySet<string> = new Set(["GATEWAY", "SERVER", "NONE"]);

/** The first rule of a schema that would have to run; undefined when there is none. */
export function activeRule(
  ruleSet: SchemaRules | undefined,
  use: RuleUse,
  ignored: ReadonlySet<string>,
): ActiveRule | undefined {
  if (ruleSet === undefined || ELSEWHERE.has(upper(ruleSet.enableAt))) return undefined;
  const { migrationRules, domainRules, encodingRules } = ruleSet;
  for (const rule of [
    ...(domainRules ?? []),
    ...(encodingRules ?? []),
    ...(migrationRules ?? []),
  ]) {
    if (rule.disabled === true || IDLE_MODES[use].has(upper(rule.mode))) continue;
    const { name, type, mode } = rule;
    if (typeof type === "string" && ignored.has(type)) continue;
    return { rule: name ?? "without a name", type: type ?? "none", mode: mode ?? "none" };
  }
  return undefined;
}

function upper(value: unknown): string {
  return typeof value === "string" ? value.toUpperCase() : "";
}

const NONE: ReadonlySet<string> = new Set();

/** What rules are checked with. */
export interface RuleParts {
  readonly registry: SchemaLookup;
  /** Types of rules that may be left out. Default: none. */
  readonly ignored?: ReadonlySet<string>;
}

/**
 * Checks the rules of a schema that values of a type were, or are going to be, written with.
 *
 * @throws KAFKA_RULE_UNSUPPORTED; CLIENT errors
 */
export async function assertRunnable(
  { subject }: Pick<AnyAvroType, "subject">,
  ref: SchemaRef,
  use: RuleUse,
  where: Part,
  { registry, ignored = NONE }: RuleParts,
): Promise<void> {
  const content =
    typeof ref === "number"
      ? await registry.schemaById?.(ref, subject)
      : await registry.schemaByGuid?.(ref);
  const found = activeRule(content?.ruleSet, use, ignored);
  if (found === undefined) return;
  const details = { ...where, place: `topic ${where.topic}`, stage: "schema" };
  throw kafkaErrors.create("KAFKA_RULE_UNSUPPORTED", {
    ...details,
    subject,
    schemaId: ref,
    ...found,
  });
}

/**
 * Checks for reading the rules of a type's own schema, as far as the registry knows it: a consumer
 * need not have its schema registered.
 *
 * @throws KAFKA_RULE_UNSUPPORTED; CLIENT_UNREACHABLE
 */
export async function assertOwnReadable(
  type: AnyAvroType,
  where: Part,
  parts: RuleParts,
): Promise<void> {
  const { subject, schema, references = [] } = type;
  if (parts.registry.schemaById === undefined) return;
  try {
    const id = await parts.registry.idOf(subject, { schema, references });
    await assertRunnable(type, id, "read", where, parts);
  } catch (error) {
    if (isTypewireError(error, "KAFKA_RULE_UNSUPPORTED")) throw error;
    if (isTypewireError(error) && error.retriable) throw error;
  }
}

/** {@link assertOwnReadable} for every type of these topics. */
export async function assertTopicsReadable(
  topics: readonly AnyTopic[],
  parts: RuleParts,
): Promise<void> {
  const checks = topics.flatMap((topic) =>
    (["key", "value"] as const).flatMap((part) =>
      avroTypesOf(topic[part]).map((type) =>
        assertOwnReadable(type, { topic: topic.name, part }, parts),
      ),
    ),
  );
  await Promise.all(checks);
}

/** The types of an option. @throws KAFKA_OPTION_INVALID */
export function ignoredRules(given: readonly string[] | undefined): ReadonlySet<string> {
  const types: unknown = given ?? [];
  if (Array.isArray(types) && types.every((type) => typeof type === "string" && type !== "")) {
    return new Set(types as string[]);
  }
  const reason = 'list types of rules, for example ["CEL"]';
  const details = { option: "ignoreRules", value: given, reason };
  throw kafkaErrors.create("KAFKA_OPTION_INVALID", details);
}
