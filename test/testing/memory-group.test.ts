import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { RebalanceEvent } from "../../src/rdkafka/index.ts";
import type { GroupMember } from "../../src/testing/memory-group.ts";
import { keyOf, MemoryGroup } from "../../src/testing/memory-group.ts";

/** A member that answers when it is told to, and keeps what it owns by its own events. */
class Member implements GroupMember {
  readonly waiting: RebalanceEvent[] = [];
  readonly mine = new Set<string>();
  told = 0;
  wants(topic: string): boolean {
    return topic !== "nobody's";
  }
  tell(event: RebalanceEvent): void {
    this.told++;
    this.waiting.push(event);
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("join" as const), at: fc.nat(10) }),
    fc.record({ kind: fc.constant("leave" as const), at: fc.nat(10) }),
    fc.record({ kind: fc.constant("answer" as const), at: fc.nat(10) }),
    fc.record({ kind: fc.constant("answer" as const), at: fc.nat(10) }),
    fc.record({ kind: fc.constant("reassign" as const), at: fc.nat(10) }),
    fc.record({ kind: fc.constant("grow" as const), at: fc.nat(10) }),
  ),
  { maxLength: 40 },
);

/** A group, and what its members believe to own. */
class Play {
  readonly members: Member[] = [];
  partitions = 3;
  readonly group = new MemoryGroup(() => [
    ...Array.from({ length: this.partitions }, (_, partition) => ({ topic: "t", partition })),
    { topic: "nobody's", partition: 0 },
  ]);

  step({ kind, at }: { readonly kind: string; readonly at: number }): void {
    const member = this.members[at % Math.max(1, this.members.length)];
    if (kind === "join") {
      const fresh = new Member();
      this.members.push(fresh);
      this.group.join(fresh);
    } else if (kind === "grow") {
      this.partitions++;
      this.group.balance();
    } else if (kind === "reassign") this.group.reassign();
    else if (member !== undefined && kind === "answer") this.answer(member);
    else if (member !== undefined) {
      this.members.splice(this.members.indexOf(member), 1);
      this.group.leave(member);
    }
  }

  answer(member: Member): void {
    const event = member.waiting.shift();
    if (event === undefined) return;
    const keys = event.partitions.map(keyOf);
    if (event.kind === "assign") for (const key of keys) member.mine.add(key);
    else {
      for (const key of keys) member.mine.delete(key);
      this.group.released(member, event.partitions);
    }
  }

  /** Lets every member answer until nothing is open. */
  settle(): void {
    while (this.members.some(({ waiting }) => waiting.length > 0)) {
      for (const member of this.members) this.answer(member);
    }
  }
}

describe("a group, over random joins, leaves, answers and rebalances", () => {
  test.prop([steps], { numRuns: 300 })("a partition never has two owners", (moves) => {
    const play = new Play();
    for (const move of moves) {
      play.step(move);
      const owned = play.members.flatMap(({ mine }) => [...mine]);
      expect(new Set(owned).size).toBe(owned.length);
    }
  });

  test.prop([steps], { numRuns: 300 })(
    "when all have answered, all is owned, and evenly",
    (moves) => {
      const play = new Play();
      for (const move of moves) play.step(move);
      play.settle();
      if (play.members.length === 0) return;
      const counts = play.members.map(({ mine }) => mine.size);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(play.partitions);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(play.members.every(({ told }) => told > 0)).toBe(true);
    },
  );

  test("what need not move stays", () => {
    const play = new Play();
    play.partitions = 4;
    play.step({ kind: "join", at: 0 });
    play.settle();
    play.step({ kind: "join", at: 0 });
    play.settle();
    const before = play.members.map(({ mine }) => [...mine]);
    play.step({ kind: "join", at: 0 });
    play.settle();
    const moved = before.flatMap((keys, i) =>
      keys.filter((key) => !play.members[i]?.mine.has(key)),
    );
    expect(moved).toHaveLength(1);
  });
});
