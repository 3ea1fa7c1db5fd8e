/** The service against a small model, over random sequences of commands. */
import { rm } from "node:fs/promises";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Metadata, RegisterSchemaRequest, RuleSet } from "../../src/api/index.ts";
import { isRefusal } from "../../src/api/index.ts";
import type { RegistryService, StoredRecord } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import { dumpState } from "../../src/registry/state/dump.ts";
import { createState } from "../../src/registry/state/state.ts";
import { createMemoryLog, openSqliteLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";
import { temporaryFolder } from "../store/logs.ts";

/** A schema with what a request says beside it. */
interface Asked {
  readonly schema: number;
  /** Whether its attributes are in another order, which is the same schema in another text. */
  readonly swapped: boolean;
  /** Its metadata as JSON; `null` for none. */
  readonly metadata: string | null;
  readonly rule: keyof typeof RULE_SETS;
}

type Step =
  | ({ readonly do: "register" | "lookup"; readonly subject: string } & Asked)
  | {
      readonly do: "version";
      readonly subject: string;
      readonly version: number;
      readonly permanent: boolean;
    }
  | { readonly do: "subject"; readonly subject: string; readonly permanent: boolean }
  | { readonly do: "level"; readonly subject: string; readonly level: string | null }
  | { readonly do: "import"; readonly scope: string }
  | { readonly do: "id"; readonly id: number; readonly subject: string }
  | { readonly do: "versions"; readonly subject: string; readonly query: VersionsQuery };

interface VersionsQuery {
  readonly deleted: boolean;
  readonly deletedOnly: boolean;
  readonly deletedAsNegative: boolean;
}

// One rule in two spellings, which are one content. No empty set: it has the hash of empty metadata.
const RULE_SETS = {
  none: undefined,
  short: { domainRules: [{ name: "r", type: "CEL" }] },
  full: { domainRules: [{ name: "r", type: "CEL", kind: "TRANSFORM", mode: "WRITEREAD" }] },
} as const;

const subject = fc.constantFrom("a", "b", ":.x:a");
const content = {
  schema: fc.nat(3),
  swapped: fc.boolean(),
  metadata: fc.constantFrom(
    null,
    null,
    "{}",
    '{"properties":{"a":"1"}}',
    '{"properties":{"a":"1","b":"2"}}',
  ),
  rule: fc.constantFrom<keyof typeof RULE_SETS>("none", "none", "short", "full"),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("register" as const), subject, ...content }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("lookup" as const), subject, ...content }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("version" as const),
      subject,
      version: fc.integer({ min: 1, max: 4 }),
      permanent: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("subject" as const), subject, permanent: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("level" as const),
      subject,
      level: fc.constantFrom("NONE", "FULL", null),
    }),
  },
);
const asked = fc.constantFrom("a", "b", "c", ":.x:a", ":.x:b", ":.y:a");
const read: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("id" as const), id: fc.integer({ min: 1, max: 5 }), subject: asked }),
  fc.record({
    do: fc.constant("versions" as const),
    subject: asked,
    query: fc.record({
      deleted: fc.boolean(),
      deletedOnly: fc.boolean(),
      deletedAsNegative: fc.boolean(),
    }),
  }),
);
const enter: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("import" as const),
  scope: fc.constantFrom("a", ":.x:a", ":.x:", ":.:", ":.__GLOBAL:"),
});
const steps = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: step },
    { weight: 4, arbitrary: read },
    { weight: 1, arbitrary: enter },
  ),
  { maxLength: 40 },
);

// Spelled with blanks, so that original texts are kept as well.
function bodyOf({ schema, swapped, metadata, rule }: Asked): RegisterSchemaRequest {
  const ruleSet = RULE_SETS[rule] as RuleSet | undefined;
  const attributes = swapped ? '"q": 2, "p": 1' : '"p": 1, "q": 2';
  return {
    schema: `{ "type": "fixed", "name": "F", "size": ${schema}, ${attributes} }`,
    ...(metadata !== null && { metadata: JSON.parse(metadata) as Metadata }),
    ...(ruleSet && { ruleSet }),
  };
}

async function play(service: RegistryService, one: Step): Promise<unknown> {
  switch (one.do) {
    case "register":
      return service.register(one.subject, bodyOf(one), { force: true });
    case "lookup":
      return service.lookup(one.subject, bodyOf(one), {});
    case "version":
      return service.deleteVersion(one.subject, String(one.version), { permanent: one.permanent });
    case "subject":
      return service.deleteSubject(one.subject, { permanent: one.permanent });
    case "level":
      return service.updateConfig(one.subject, { compatibility: one.level });
    case "import": {
      const answer = await service.updateMode(one.scope, "IMPORT", {});
      await service.deleteMode(one.scope, {});
      return answer;
    }
    case "id":
      return service.schemaById(one.id, { subject: one.subject });
    case "versions":
      return service.versions(one.subject, one.query);
  }
}

interface Row extends Asked {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  deleted: boolean;
}

/** Whether a row is what is asked for, and in the same order of attributes, too. */
const isSame = (row: Row, { schema, metadata, rule }: Asked): boolean =>
  row.schema === schema && row.metadata === metadata && row.rule === spelled(rule);
const isExact = (row: Row, one: Asked): boolean => isSame(row, one) && row.swapped === one.swapped;
const spelled = (rule: Asked["rule"]): Asked["rule"] => (rule === "short" ? "full" : rule);
const contextOf = (name: string): string => (name.startsWith(":.x:") ? "x" : "");

/** The rules again, as lists that are searched. */
class NaiveRegistry {
  #rows: Row[] = [];
  readonly #maxIds = new Map<string, number>();

  play(one: Step): unknown {
    if (one.do === "register") return this.#register(one.subject, one);
    if (one.do === "lookup") return this.#lookup(one.subject, one);
    if (one.do === "version") return this.#deleteVersion(one.subject, one.version, one.permanent);
    if (one.do === "subject") return this.#deleteSubject(one.subject, one.permanent);
    if (one.do === "import") return this.#import(one.scope);
    if (one.do === "id") return this.#byId(one.id, one.subject);
    if (one.do === "versions") return this.#versions(one.subject, one.query);
    return undefined;
  }

  #of(name: string) {
    return this.#rows.filter((row) => row.subject === name);
  }

  /** Live rows, newest first. */
  #live(name: string): Row[] {
    const live = this.#of(name).filter((row) => !row.deleted);
    return live.sort((left, right) => right.version - left.version);
  }

  #find(name: string, one: Asked): Row | undefined {
    const live = this.#live(name);
    return live.find((row) => isExact(row, one)) ?? live.find((row) => isSame(row, one));
  }

  #inherited(name: string, one: Asked): Asked {
    const newest = this.#live(name)[0];
    return {
      ...one,
      metadata: one.metadata ?? newest?.metadata ?? null,
      rule: one.rule === "none" ? (newest?.rule ?? "none") : spelled(one.rule),
    };
  }

  #lookup(name: string, one: Asked): unknown {
    const names = contextOf(name) === "x" ? [name] : [name, `:.x:${name}`];
    for (const each of names) {
      const found = this.#find(each, one) ?? this.#find(each, this.#inherited(each, one));
      if (found !== undefined) return { subject: each, version: found.version };
    }
    return this.#live(name).length === 0 ? "SUBJECT_NOT_FOUND" : "SCHEMA_NOT_FOUND";
  }

  #register(name: string, one: Asked): unknown {
    const meant = this.#inherited(name, one);
    const context = contextOf(name);
    const known = this.#rows.find(
      (row) => contextOf(row.subject) === context && isExact(row, meant),
    );
    const there =
      this.#find(name, one) ??
      this.#live(name).find((row) =>
        known === undefined ? isSame(row, meant) : row.id === known.id,
      );
    if (there !== undefined) return { id: there.id, version: there.version };
    const max = this.#maxIds.get(context) ?? 0;
    const id = known?.id ?? max + 1;
    this.#maxIds.set(context, Math.max(max, id));
    const version = Math.max(0, ...this.#of(name).map((row) => row.version)) + 1;
    this.#rows = this.#rows.filter((row) => row.subject !== name || row.id !== id);
    this.#rows.push({ ...meant, subject: name, version, id, deleted: false });
    return { id, version };
  }

  #deleteVersion(name: string, version: number, permanent: boolean): unknown {
    if (this.#of(name).length === 0) return "SUBJECT_NOT_FOUND";
    const row = this.#of(name).find((one) => one.version === version);
    if (row === undefined) return "VERSION_NOT_FOUND";
    if (permanent && !row.deleted) return "VERSION_NOT_SOFT_DELETED";
    if (!permanent && row.deleted) return "VERSION_SOFT_DELETED";
    row.deleted = true;
    if (permanent) this.#rows.splice(this.#rows.indexOf(row), 1);
    return version;
  }

  #deleteSubject(name: string, permanent: boolean): unknown {
    const rows = this.#of(name);
    const live = rows.filter((row) => !row.deleted);
    if (rows.length === 0) return "SUBJECT_NOT_FOUND";
    if (permanent && live.length > 0) return "SUBJECT_NOT_SOFT_DELETED";
    if (!permanent && live.length === 0) return "SUBJECT_SOFT_DELETED";
    if (permanent) this.#rows = this.#rows.filter((row) => row.subject !== name);
    const touched = permanent ? rows : live;
    for (const row of touched) row.deleted = true;
    return touched.map((row) => row.version).sort((left, right) => left - right);
  }

  #import(scope: string): unknown {
    const isEverything = scope === ":.:" || scope === ":.__GLOBAL:";
    const isIn = (name: string) =>
      isEverything || name === scope || (scope === ":.x:" && name.startsWith(scope));
    const rows = this.#rows.filter((row) => isIn(row.subject));
    if (rows.some((row) => !row.deleted)) return "OPERATION_NOT_PERMITTED";
    this.#rows = this.#rows.filter((row) => !isIn(row.subject));
    return undefined;
  }

  #byId(id: number, name: string): unknown {
    const isQualified = name.startsWith(":.");
    const namesakes = isQualified ? [name] : [name, `:.x:${name}`];
    for (const one of namesakes) {
      const rows = this.#of(one)
        .filter((row) => row.id === id)
        .sort((left, right) => left.version - right.version);
      const row = rows.findLast((held) => !held.deleted) ?? rows.at(-1);
      if (row !== undefined) return { subject: row.subject, version: row.version };
    }
    const holders = this.#rows.filter((row) => row.id === id && !row.subject.startsWith(":.x:"));
    const holder = holders.find((row) => !row.deleted) ?? holders[0];
    if (isQualified || holder === undefined) return "SCHEMA_ID_NOT_FOUND";
    return { subject: holder.subject, version: holder.version };
  }

  #versions(name: string, { deleted, deletedOnly, deletedAsNegative }: VersionsQuery): unknown {
    const rows = this.#of(name).sort((left, right) => left.version - right.version);
    const isThere = deleted || deletedOnly ? rows.length > 0 : rows.some((row) => !row.deleted);
    if (!isThere) return "SUBJECT_NOT_FOUND";
    if (deletedAsNegative) return rows.map((row) => (row.deleted ? -row.version : row.version));
    const shown = rows.filter((row) => (deletedOnly ? row.deleted : deleted || !row.deleted));
    return shown.map((row) => row.version);
  }
}

const brief = (answer: unknown): unknown => {
  if (isRefusal(answer)) return answer.refusal;
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return answer;
  if (!("version" in answer)) return undefined;
  if ("subject" in answer) return { subject: answer.subject, version: answer.version };
  return "id" in answer ? { id: answer.id, version: answer.version } : undefined;
};

function fold(records: readonly StoredRecord[]): string[] {
  const state = createState();
  for (const record of records) applyRecord(state, record);
  return dumpState(state);
}

/** What Kafka's compaction leaves: the last record of each key; tombstones go, too. */
function compacted(records: readonly StoredRecord[]): StoredRecord[] {
  const last = new Map(records.map((record) => [record.key, record.offset]));
  return records.filter(({ key, value, offset }) => last.get(key) === offset && value !== null);
}

describe("any sequence of commands", () => {
  test.prop([steps], { numRuns: 150 })(
    "is answered as the naive model answers",
    async (sequence) => {
      const service = await createRegistryService({ log: createMemoryLog(), clock: () => 1 });
      const model = new NaiveRegistry();
      for (const one of sequence) {
        expect(brief(await play(service, one)), JSON.stringify(one)).toEqual(model.play(one));
      }
    },
  );

  test.prop([steps, fc.nat(100)], { numRuns: 100 })(
    "folds into the same state when it is replayed, compacted, or compacted up to any point",
    async (sequence, cut) => {
      const log = createMemoryLog({ clock: () => 1 });
      const service = await createRegistryService({ log, clock: () => 1 });
      for (const one of sequence) await play(service, one);
      const records = await readAll(log);
      const point = records.length === 0 ? 0 : cut % records.length;
      const expected = fold(records);
      expect(fold(compacted(records))).toEqual(expected);
      expect(fold([...compacted(records.slice(0, point)), ...records.slice(point)])).toEqual(
        expected,
      );
    },
  );

  test.prop([steps], { numRuns: 15 })(
    "has the same answers and records on SQLite",
    async (sequence) => {
      const folder = await temporaryFolder();
      const logs = [createMemoryLog({ clock: () => 1 }), openSqliteLog({ folder, clock: () => 1 })];
      const services = await Promise.all(
        logs.map((log) => createRegistryService({ log, clock: () => 1 })),
      );
      for (const one of sequence) {
        const [memory, sqlite] = await Promise.all(services.map((service) => play(service, one)));
        expect(sqlite).toEqual(memory);
      }
      const [memory, sqlite] = await Promise.all(logs.map((log) => readAll(log)));
      expect(sqlite).toEqual(memory);
      for (const log of logs) await log.close();
      await rm(folder, { recursive: true });
    },
  );
});
