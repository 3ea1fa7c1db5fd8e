/**
 * Commits that wait for the broker's answer. The client reports commits without saying which call
 * they belong to (its own timer commits too), so an answer belongs to the oldest call whose offsets
 * it names.
 */
import type { TopicPartitionOffset } from "./binding.ts";
import { kafkaError } from "./native.ts";

/** One awaited commit. */
export interface CommitWait {
  readonly offsets: readonly TopicPartitionOffset[];
  done: boolean;
  error: Error | undefined;
}

/** The commits that were asked for and not answered. */
export class CommitWaits {
  readonly #open = new Set<CommitWait>();

  wait(offsets: readonly TopicPartitionOffset[]): CommitWait {
    const wait: CommitWait = { offsets, done: false, error: undefined };
    this.#open.add(wait);
    return wait;
  }

  forget(wait: CommitWait): void {
    this.#open.delete(wait);
  }

  /** Takes an answer of the client; an entry that failed alone arrives as an error in its place. */
  settle(error: Error | undefined, answered: readonly (TopicPartitionOffset | Error)[]): void {
    const failed = answered.find((entry) => entry instanceof Error);
    const matches = (wanted: TopicPartitionOffset): boolean =>
      answered.some((entry) => !(entry instanceof Error) && isSame(entry, wanted));
    for (const wait of this.#open) {
      if (wait.done) continue;
      const named = wait.offsets.filter(matches).length;
      const failures = failed === undefined ? 0 : wait.offsets.length - named;
      if (named + failures < wait.offsets.length || answered.length < wait.offsets.length) continue;
      wait.done = true;
      wait.error = error ?? (failed && kafkaError("a commit", failed));
      return;
    }
  }
}

function isSame(a: TopicPartitionOffset, b: TopicPartitionOffset): boolean {
  return a.partition === b.partition && a.topic === b.topic && a.offset === b.offset;
}
