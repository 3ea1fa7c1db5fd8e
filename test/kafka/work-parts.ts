/** What the work on records stands on, in tests. */

import type { Readers, WorkParts } from "../../src/kafka/consumer/pipeline.ts";
import type { KafkaHooks } from "../../src/kafka/contract/index.ts";
import { HookCaller } from "../../src/kafka/contract/index.ts";

export const consumerIdentity = { kind: "consumer", clientId: "tests", group: "billing" } as const;

export function partsOf(
  readers: Readers,
  more: Partial<WorkParts> & { readonly on?: KafkaHooks } = {},
): WorkParts {
  const { on = {}, ...rest } = more;
  return { readers, hooks: new HookCaller([on], consumerIdentity), random: () => 0, ...rest };
}
