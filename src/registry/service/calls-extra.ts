/** The service's calls beyond Confluent's API. */

import {
  decideBatch,
  decideUndeleteSubject,
  decideUndeleteVersion,
  decideWithin,
  planRegistration,
} from "../commands/index.ts";
import type { SearchIndex, UsageStore } from "../queries/index.ts";
import { answerWithin, createUsageTable } from "../queries/index.ts";
import type { ChangeFeed } from "./changes.ts";
import type { Core } from "./core.ts";
import type { ExtraCalls } from "./extra-types.ts";
import { verifyLog } from "./verify.ts";

/** Makes the calls. */
export function extraCalls(
  core: Core,
  changes: ChangeFeed,
  index: SearchIndex,
  usageStore: UsageStore,
  turn: () => Promise<void>,
): ExtraCalls {
  const { log } = core;
  const usage = createUsageTable(usageStore);
  const flush = async (): Promise<void> => {
    // What is noted meanwhile is for the next time.
    for (let left = usage.pending; left > 0 && usage.pending > 0; ) {
      left -= usage.flushPart();
      if (left > 0) await turn();
    }
  };
  return {
    undeleteVersion: (subject, version) =>
      core.write(() => decideUndeleteVersion(core.state, core.subject(subject), version)),
    undeleteSubject: (subject) =>
      core.write(() => decideUndeleteSubject(core.state, core.subject(subject))),
    batch: (items, { dryRun = false }) => {
      const now = core.now();
      const subjectOf = (text: string): string => core.subject(text);
      return core.write(() =>
        decideWithin(core.world, (world) => decideBatch(world, { items, dryRun, subjectOf, now })),
      );
    },
    plan: (subject, body, { normalize = false }) =>
      core.read(() =>
        answerWithin(core.world, (world) =>
          planRegistration(world, {
            subject: core.subject(subject),
            body,
            normalize,
            force: false,
            ifMatch: undefined,
            now: core.now(),
          }),
        ),
      ),
    search: (query) => index.search(() => core.state, query),
    changes: {
      subscribe: (listener) => changes.subscribe(listener),
      since: (offset) => changes.since(offset),
    },
    usage: {
      note: (note) => usage.note(core.state, core.subject(note.subject ?? ""), note, core.now()),
      flush,
      report: async ({ subject, ...query }) => {
        await flush();
        return core.read(() =>
          usage.report(core.state, {
            ...query,
            ...(subject === undefined ? {} : { subject: core.subject(subject) }),
          }),
        );
      },
    },
    verify: () => verifyLog(log, () => core.world),
  };
}
