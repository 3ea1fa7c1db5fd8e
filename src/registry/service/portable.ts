/**
 * Records without any tie to their place in their log, each key in this registry's one spelling: what
 * a backup keeps. A record that its place made void (Redpanda's lost races) is left out.
 *
 * Invariant: they fold into the state of the log that they come from. Of a key that is there in other
 * spellings, only the record in force is kept, at its place: every spelling becomes one key, under
 * which a tombstone of one spelling would take away the value of another.
 */
import type { LogRecord, RegistryRecord, StoredRecord } from "../state/index.ts";
import { canonicalKey, decodeRecord, isLive, isLostRace, knownPart } from "../state/index.ts";
import type { Log } from "./log.ts";

/** The records of a log in a portable form; what comes in meanwhile is left out. */
export async function* portableRecords(
  log: Pick<Log, "read">,
): AsyncGenerator<LogRecord, void, undefined> {
  const { end, spelled } = await findSpelled(log);
  const inForce = spelled.size === 0 ? new Set<number>() : await findInForce(log, end, spelled);
  for await (const stored of until(end, log)) {
    const ours = ourKey(decodeRecord(stored)) ?? stored.key;
    if (spelled.has(ours) && !inForce.has(stored.offset)) continue;
    if (isLostRace(stored)) continue;
    yield { key: ours, value: stored.value === "" ? null : stored.value };
  }
}

/** Keys, in our spelling, that are there in another one. */
async function findSpelled(log: Pick<Log, "read">) {
  const spelled = new Set<string>();
  let end = 0;
  for await (const stored of log.read()) {
    const ours = ourKey(decodeRecord(stored));
    if (ours !== undefined && ours !== stored.key) spelled.add(ours);
    end = stored.offset + 1;
  }
  return { end, spelled };
}

/** Offsets of the records that are in force of keys with several spellings. */
async function findInForce(
  log: Pick<Log, "read">,
  end: number,
  spelled: ReadonlySet<string>,
): Promise<ReadonlySet<number>> {
  const live = new Map<string, Map<string, number>>();
  for await (const stored of until(end, log)) {
    const record = decodeRecord(stored);
    const ours = ourKey(record);
    if (ours === undefined || !spelled.has(ours)) continue;
    const offsets = live.get(ours) ?? new Map<string, number>();
    live.set(ours, offsets);
    if (isLive(stored, record)) offsets.set(stored.key, stored.offset);
    else offsets.delete(stored.key);
  }
  return new Set([...live.values()].map((offsets) => Math.max(...offsets.values())));
}

async function* until(end: number, log: Pick<Log, "read">): AsyncGenerator<StoredRecord> {
  for await (const stored of log.read()) {
    if (stored.offset >= end) return;
    yield stored;
  }
}

function ourKey(record: RegistryRecord): string | undefined {
  const known = knownPart(record);
  return known && canonicalKey(known);
}
