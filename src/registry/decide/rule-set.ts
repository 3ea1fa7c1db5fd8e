/**
 * Which rule sets are legal (42210).
 *
 * Source: Confluent's data contracts: names, kinds and modes of rules, actions of two-way rules.
 */
import type { Rule, RuleSet } from "../../api/index.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const NAME_CHARS_MAX = 256;
const MIGRATION_MODES = new Set(["UPGRADE", "DOWNGRADE", "UPDOWN"]);
const DOMAIN_MODES = new Set(["WRITE", "READ", "WRITEREAD"]);
const TWO_WAY_MODES = new Set(["UPDOWN", "WRITEREAD"]);

/** What is wrong with a rule set, as a sentence; `undefined` when it is legal. */
export function ruleSetProblem(ruleSet: RuleSet | null | undefined): string | undefined {
  if (ruleSet === null || ruleSet === undefined) return undefined;
  const lists = [
    { rules: ruleSet.migrationRules ?? [], modes: MIGRATION_MODES, list: "migrationRules" },
    { rules: ruleSet.domainRules ?? [], modes: DOMAIN_MODES, list: "domainRules" },
    { rules: ruleSet.encodingRules ?? [], modes: DOMAIN_MODES, list: "encodingRules" },
  ];
  const names = new Set<string>();
  for (const { rules, modes, list } of lists) {
    for (const rule of rules) {
      const problem = ruleProblem(rule, modes, list);
      if (problem !== undefined) return problem;
      const name = rule.name ?? "";
      if (names.has(name)) return `Found rule with duplicate name '${name}'`;
      names.add(name);
    }
  }
  return undefined;
}

function ruleProblem(rule: Rule, modes: ReadonlySet<string>, list: string): string | undefined {
  const name = rule.name ?? "";
  if (name === "") return "Missing rule name";
  if (name.length > NAME_CHARS_MAX) {
    return `Rule name '${name.slice(0, 20)}…' is longer than ${NAME_CHARS_MAX} characters`;
  }
  if (!NAME.test(name)) return `Illegal rule name '${name}'`;
  if (!rule.type) return `Missing rule type in rule '${name}'`;
  if (!rule.mode || !modes.has(rule.mode)) {
    return `Rule '${name}' in ${list} has mode ${rule.mode ?? "null"}, allowed are ${[...modes].join(", ")}`;
  }
  for (const action of [rule.onSuccess, rule.onFailure]) {
    const problem = actionProblem(name, rule.mode, action);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function actionProblem(
  name: string,
  mode: string,
  action: string | null | undefined,
): string | undefined {
  const actions = action ? action.split(",") : [];
  const most = TWO_WAY_MODES.has(mode) ? 2 : 1;
  if (actions.length <= most) return undefined;
  return `Rule '${name}' with mode ${mode} has ${actions.length} actions in '${action}', at most ${most} allowed`;
}
