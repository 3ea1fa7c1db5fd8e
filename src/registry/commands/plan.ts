/** Plans a registration: makes its decision and throws the records away. */

import type { RegistrationPlan } from "../queries/index.ts";
import { planOf } from "../queries/index.ts";
import type { World } from "../state/index.ts";
import { scopeOf } from "../state/index.ts";
import type { RegisterCommand } from "./register.ts";
import { decideRegister } from "./register.ts";

/** What a registration would do, and what would have to change for it to be accepted. */
export function planRegistration(world: World, command: RegisterCommand): RegistrationPlan {
  const scope = scopeOf(world, command.subject);
  const { records, result } = decideRegister(world, command, scope);
  return planOf(world, scope, command, { result, writes: records.length > 0 });
}
