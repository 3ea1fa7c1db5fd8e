/**
 * Register a changed copy of a version: other tags, metadata, rules.
 *
 * Invariants:
 * - Text and, unless the request has others, metadata are the version's own.
 * - Rules are those of the request, or those of the version before the new one (the latest, when no
 *   number is given) after the request's additions and removals, or else what every registration
 *   inherits.
 * - The copy takes the way of every registration, and always has `confluent:version`.
 */
import type {
  Refusal,
  RegisterSchemaRequest,
  RegisterSchemaResponse,
  RuleSet,
  TagSchemaRequest,
} from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import { findByText } from "../queries/index.ts";
import type { SubjectState, VersionState, World } from "../state/index.ts";
import {
  findVersion,
  latestVersion,
  mergeRuleSets,
  normalMetadata,
  normalRuleSet,
  VERSION_PROPERTY,
  withProperty,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import { decideRegister } from "./register.ts";
import { ruleSetRefusal } from "./rule-set.ts";

/** Which version to copy, and how to change the copy. */
export interface TagVersionCommand {
  readonly subject: string;
  readonly version: string;
  readonly body: TagSchemaRequest;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Decides the registration of a changed copy. */
export function decideTagVersion(
  world: World,
  command: TagVersionCommand,
): Outcome<RegisterSchemaResponse> {
  const { subject, body, now } = command;
  const found = findByText(world.state, subject, command.version, { deleted: false });
  if (isRefusal(found)) return unchanged(found);
  const refusal = checkRules(body);
  if (refusal !== undefined) return unchanged(refusal);
  return decideRegister(world, {
    subject,
    body: changedCopy(found, body),
    normalize: false,
    force: false,
    ifMatch: undefined,
    exact: true,
    now,
  });
}

function changedCopy(
  { subject, entry: { content } }: VersionState,
  body: TagSchemaRequest,
): RegisterSchemaRequest {
  const metadata = body.metadata ? normalMetadata(body.metadata) : content.metadata;
  const ruleSet = changedRules(subject, body);
  return {
    schema: content.text,
    references: [...content.references],
    version: body.newVersion ?? 0,
    metadata: withProperty(metadata, VERSION_PROPERTY, String(body.newVersion ?? 0)),
    ...(ruleSet && { ruleSet }),
    schemaTagsToAdd: body.tagsToAdd ?? [],
    schemaTagsToRemove: body.tagsToRemove ?? [],
  };
}

function checkRules({
  ruleSet,
  rulesToMerge,
  rulesToRemove,
}: TagSchemaRequest): Refusal | undefined {
  if (ruleSet && (rulesToMerge || rulesToRemove)) {
    return refuse("INVALID_RULE_SET", {
      detail: "ruleSet should be omitted if specifying rulesToMerge or rulesToRemove",
    });
  }
  return ruleSetRefusal(rulesToMerge) ?? ruleSetRefusal(ruleSet);
}

function changedRules(subject: SubjectState, body: TagSchemaRequest): RuleSet | undefined {
  if (!body.rulesToMerge && !body.rulesToRemove) return normalRuleSet(body.ruleSet);
  const before = versionBefore(subject, body.newVersion)?.entry.content.ruleSet;
  const merged = mergeRuleSets(before, normalRuleSet(body.rulesToMerge));
  return withoutRules(merged, new Set(body.rulesToRemove ?? []));
}

function versionBefore(
  subject: SubjectState,
  newVersion: number | null | undefined,
): VersionState | undefined {
  if (!newVersion) return latestVersion(subject);
  const before = findVersion(subject, newVersion - 1);
  return before?.deleted ? undefined : before;
}

function withoutRules(
  ruleSet: RuleSet | undefined,
  names: ReadonlySet<string>,
): RuleSet | undefined {
  if (ruleSet === undefined || names.size === 0) return ruleSet;
  const keep = (rules: RuleSet["domainRules"]) =>
    (rules ?? []).filter((rule) => !names.has(rule.name ?? ""));
  return normalRuleSet({
    ...ruleSet,
    migrationRules: keep(ruleSet.migrationRules),
    domainRules: keep(ruleSet.domainRules),
    encodingRules: keep(ruleSet.encodingRules),
  });
}
