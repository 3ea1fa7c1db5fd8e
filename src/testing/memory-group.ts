/**
 * A consumer group: who owns which partition, and the committed offsets.
 *
 * Invariants:
 * - A partition has one owner at most: it is given on only when its old owner answered the revoke.
 * - Assignments are sticky and even: nothing moves that need not, and no member has two more than
 *   another one that could take them.
 * - A member is told its first assignment, and one after each revoke that it answered, also when they
 *   are empty.
 * - Only a member commits.
 */
import type { RebalanceEvent, TopicPartition, TopicPartitionOffset } from "../rdkafka/index.ts";

/** What a group needs of a member. */
export interface GroupMember {
  /** Whether it reads a topic. */
  wants(topic: string): boolean;
  tell(event: RebalanceEvent): void;
}

interface Standing {
  readonly revoking: Set<string>;
  /** The next assignment is told also when it is empty. */
  awaits: boolean;
}

/** A partition as a key; topic names have no slash. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** A partition from its key. */
export function placeOf(key: string): TopicPartition {
  const slash = key.lastIndexOf("/");
  return { topic: key.slice(0, slash), partition: Number(key.slice(slash + 1)) };
}

/** One group. */
export class MemoryGroup {
  readonly #partitions: () => readonly TopicPartition[];
  readonly #members = new Map<GroupMember, Standing>();
  readonly #owners = new Map<string, GroupMember>();
  readonly #offsets = new Map<string, number>();
  /** Who had a partition before a forced rebalance: somebody else is to have it. */
  readonly #former = new Map<string, GroupMember>();

  constructor(partitions: () => readonly TopicPartition[]) {
    this.#partitions = partitions;
  }

  get members(): readonly GroupMember[] {
    return [...this.#members.keys()];
  }

  join(member: GroupMember): void {
    this.#members.set(member, { revoking: new Set(), awaits: true });
    this.balance();
  }

  /** Takes a member out at once; what it owned is free. */
  leave(member: GroupMember): void {
    if (!this.#members.delete(member)) return;
    for (const [key, owner] of this.#owners) if (owner === member) this.#owners.delete(key);
    this.balance();
  }

  isMember(member: GroupMember): boolean {
    return this.#members.has(member);
  }

  owns(member: GroupMember, place: TopicPartition): boolean {
    return this.#owners.get(keyOf(place)) === member;
  }

  /** A member gave these partitions up. */
  released(member: GroupMember, places: readonly TopicPartition[]): void {
    const standing = this.#members.get(member);
    if (standing === undefined) return;
    for (const place of places) {
      const key = keyOf(place);
      standing.revoking.delete(key);
      if (this.#owners.get(key) === member) this.#owners.delete(key);
    }
    standing.awaits = true;
    this.balance();
  }

  /** Takes everything from everybody and gives it out anew, to others where there are some. */
  reassign(): void {
    for (const [key, owner] of this.#owners) this.#former.set(key, owner);
    for (const [member, standing] of this.#members) {
      const owned = this.#ownedBy(member).filter((key) => !standing.revoking.has(key));
      this.#revoke(member, standing, owned);
    }
  }

  /** Gives out what is free, and takes back what somebody else should have. */
  balance(): void {
    const target = this.#target();
    for (const [member, standing] of this.#members) {
      const lost = this.#ownedBy(member).filter(
        (key) => target.get(key) !== member && !standing.revoking.has(key),
      );
      if (lost.length > 0) this.#revoke(member, standing, lost);
    }
    for (const [member, standing] of this.#members) {
      const gained = [...target]
        .filter(([key, wanted]) => wanted === member && !this.#owners.has(key))
        .map(([key]) => key);
      if (gained.length === 0 && !standing.awaits) continue;
      standing.awaits = false;
      for (const key of gained) {
        this.#owners.set(key, member);
        this.#former.delete(key);
      }
      member.tell({ kind: "assign", partitions: gained.map(placeOf) });
    }
  }

  commit(offsets: readonly TopicPartitionOffset[]): void {
    for (const one of offsets) this.#offsets.set(keyOf(one), one.offset);
  }

  /** The committed offset; -1 when there is none. */
  committed(place: TopicPartition): number {
    return this.#offsets.get(keyOf(place)) ?? -1;
  }

  /** Every committed offset, by topic and partition. */
  allCommitted(): readonly TopicPartitionOffset[] {
    return [...this.#offsets]
      .map(([key, offset]) => ({ ...placeOf(key), offset }))
      .sort((a, b) =>
        a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
      );
  }

  #revoke(member: GroupMember, standing: Standing, keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const key of keys) standing.revoking.add(key);
    member.tell({ kind: "revoke", partitions: keys.map(placeOf) });
  }

  #ownedBy(member: GroupMember): string[] {
    return [...this.#owners].filter(([, owner]) => owner === member).map(([key]) => key);
  }

  /** Who should have what. */
  #target(): Map<string, GroupMember> {
    const all = this.#partitions();
    const load = new Map(this.members.map((member) => [member, 0]));
    const target = new Map<string, GroupMember>();
    const give = (key: string, member: GroupMember): void => {
      target.set(key, member);
      load.set(member, (load.get(member) ?? 0) + 1);
    };
    const open: TopicPartition[] = [];
    for (const place of all) {
      const key = keyOf(place);
      const owner = this.#owners.get(key);
      const isLeaving = owner !== undefined && this.#members.get(owner)?.revoking.has(key) === true;
      if (owner?.wants(place.topic) === true && !isLeaving) give(key, owner);
      else open.push(place);
    }
    for (const { topic, partition } of open) {
      const key = keyOf({ topic, partition });
      const able = this.members.filter((member) => member.wants(topic));
      const others = able.filter((member) => member !== this.#former.get(key));
      const takers = others.length > 0 ? others : able;
      const least = takers.sort((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0))[0];
      if (least !== undefined) give(key, least);
    }
    evenOut(target, load);
    return target;
  }
}

/** Moves partitions from who has most to who has least, as long as that makes it more even. */
function evenOut(target: Map<string, GroupMember>, load: Map<GroupMember, number>): void {
  for (let moved = true; moved; ) {
    moved = false;
    const members = [...load.keys()].sort((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0));
    for (const [key, owner] of [...target].reverse()) {
      const { topic } = placeOf(key);
      const taker = members.find((member) => member.wants(topic));
      if (taker === undefined || (load.get(owner) ?? 0) - (load.get(taker) ?? 0) < 2) continue;
      target.set(key, taker);
      load.set(owner, (load.get(owner) ?? 0) - 1);
      load.set(taker, (load.get(taker) ?? 0) + 1);
      moved = true;
      break;
    }
  }
}
