/** Plans a registration: takes its decision and keeps none of the records. */

import type { RegistrationPlan } from "../queries/index.ts";
import { planOf } from "../queries/index.ts";
import type { Rules, State } from "../state/index.ts";
import type { RegisterCommand } from "./register.ts";
import { decideRegister } from "./register.ts";

/** What a registration would do, and what would have to change for it to be accepted. */
export function planRegistration(
  state: State,
  rules: Rules,
  command: RegisterCommand,
): RegistrationPlan {
  const { records, result } = decideRegister(state, rules, command);
  return planOf(state, rules, command, { result, writes: records.length > 0 });
}
