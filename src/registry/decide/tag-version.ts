/**
 * Register a changed copy of a version (S11): other tags, metadata, rules.
 *
 * Invariant: what the request leaves out is the version's own; the copy takes the way of every
 * registration.
 */
import type {
  Refusal,
  RegisterSchemaRequest,
  RegisterSchemaResponse,
  RuleSet,
  TagSchemaRequest,
} from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import { mergeRuleSets, normalMetadata, normalRuleSet } from "../content.ts";
import type { Outcome, Rules } from "../rules.ts";
import { unchanged } from "../rules.ts";
import type { State, VersionState } from "../state.ts";
import { decideRegister } from "./register.ts";
import { findByText } from "./versions.ts";

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
  state: State,
  rules: Rules,
  command: TagVersionCommand,
): Outcome<RegisterSchemaResponse> {
  const { subject, body, now } = command;
  const found = findByText(state, subject, command.version, { deleted: false });
  if (isRefusal(found)) return unchanged(found);
  const request = changedCopy(found, body);
  if (isRefusal(request)) return unchanged(request);
  return decideRegister(state, rules, {
    subject,
    body: request,
    normalize: false,
    force: false,
    ifMatch: undefined,
    exact: true,
    now,
  });
}

function changedCopy(
  version: VersionState,
  body: TagSchemaRequest,
): RegisterSchemaRequest | Refusal {
  const { content } = version.entry;
  if (body.rulesToMerge && body.ruleSet) {
    return refuse("INVALID_RULE_SET", { detail: "ruleSet and rulesToMerge exclude each other" });
  }
  const own = body.ruleSet ? normalRuleSet(body.ruleSet) : content.ruleSet;
  const merged = mergeRuleSets(own, normalRuleSet(body.rulesToMerge));
  const ruleSet = withoutRules(merged, new Set(body.rulesToRemove ?? []));
  const metadata = body.metadata ? normalMetadata(body.metadata) : content.metadata;
  return {
    schema: content.text,
    references: [...content.references],
    ...(body.newVersion && { version: body.newVersion }),
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
    schemaTagsToAdd: body.tagsToAdd ?? [],
    schemaTagsToRemove: body.tagsToRemove ?? [],
  };
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
