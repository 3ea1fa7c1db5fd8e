/**
 * Which rule sets are legal (42210).
 *
 * Source: Confluent's data contracts: names, types and modes of rules, actions of one-way rules. The
 * order of the checks and the sentences are Confluent's.
 */
import type { Refusal, Rule, RuleSet } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";

const NAME_CHARS_MAX = 256;
const NAME_START = /^[\p{L}_]$/u;
const NAME_PART = /^[\p{L}\p{Nd}_-]$/u;
const MIGRATION_MODES = ["UPGRADE", "DOWNGRADE", "UPDOWN"];
const DOMAIN_MODES = ["WRITE", "READ", "WRITEREAD"];
const TWO_WAY_MODES = ["UPDOWN", "WRITEREAD"];
const DEFAULT_MODE = "WRITEREAD";

/** Refuses an illegal rule set of a request. */
export function ruleSetRefusal(ruleSet: RuleSet | null | undefined): Refusal | undefined {
  const detail = ruleSetProblem(ruleSet);
  return detail === undefined ? undefined : refuse("INVALID_RULE_SET", { detail });
}

function ruleSetProblem(ruleSet: RuleSet | null | undefined): string | undefined {
  if (ruleSet === null || ruleSet === undefined) return undefined;
  const lists = [
    { rules: ruleSet.migrationRules ?? [], modes: MIGRATION_MODES, list: "Migration" },
    { rules: ruleSet.domainRules ?? [], modes: DOMAIN_MODES, list: "Domain" },
    { rules: ruleSet.encodingRules ?? [], modes: DOMAIN_MODES, list: "Encoding" },
  ];
  const names = new Set<string>();
  for (const { rules, modes, list } of lists) {
    for (const rule of rules) {
      if (rule.name && names.has(rule.name)) return `Found rule with duplicate name '${rule.name}'`;
      const problem = ruleProblem(rule, modes, list);
      if (problem !== undefined) return problem;
      names.add(rule.name ?? "");
    }
  }
  return undefined;
}

function ruleProblem(rule: Rule, modes: readonly string[], list: string): string | undefined {
  const problem = nameProblem(rule.name);
  if (problem !== undefined) return problem;
  if (rule.type === null || rule.type === undefined) return "Missing rule type";
  const mode = rule.mode ?? DEFAULT_MODE;
  const isPair = [rule.onSuccess, rule.onFailure].some((action) => action?.includes(","));
  if (isPair && !TWO_WAY_MODES.includes(mode)) {
    return "Multiple actions only valid with WRITEREAD and UPDOWN";
  }
  return modes.includes(mode) ? undefined : `${list} rules can only be ${modes.join(", ")}`;
}

/** Names are judged by UTF-16 unit, as in Java. */
function nameProblem(name: string | null | undefined): string | undefined {
  if (name === null || name === undefined) return "Missing rule name";
  if (name === "") return "Empty rule name";
  if (name.length > NAME_CHARS_MAX) return "Rule name too long";
  if (!NAME_START.test(name.charAt(0))) return `Illegal initial character in rule name: ${name}`;
  const units = name.slice(1).split("");
  if (units.every((unit) => NAME_PART.test(unit))) return undefined;
  return `Illegal character in rule name: ${name}`;
}
