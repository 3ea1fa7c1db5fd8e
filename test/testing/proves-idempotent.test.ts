import { describe, expect, test } from "vitest";
import type { MessageHandler, MessageOf } from "../../src/kafka/index.ts";
import { stringType, topic } from "../../src/schema/index.ts";
import type { IdempotenceOptions, World } from "../../src/testing/index.ts";
import { provesIdempotent } from "../../src/testing/index.ts";

const payments = topic({ name: "payments", key: stringType, value: stringType });
type Payments = typeof payments;
type Handler = MessageHandler<Payments>;

const options: IdempotenceOptions<Payments> = {
  topic: payments,
  messages: [
    { key: "p-1", value: "10" },
    { key: "p-2", value: "20" },
    { key: "p-3", value: "30" },
  ],
};

interface Tables {
  rows: { key: string; amount: number }[];
  balances: Map<string, number>;
  seen: Set<string>;
  outbox: string[];
}

async function turn(): Promise<void> {
  await Promise.resolve();
}

/** A small database and a mail server; every call takes a turn. */
class Shop implements World {
  #tables: Tables = { rows: [], balances: new Map(), seen: new Set(), outbox: [] };
  #locked = false;
  readonly #mails: string[] = [];

  readonly db = {
    insert: async (key: string, amount: number) => {
      await turn();
      this.#tables.rows.push({ key, amount });
    },
    insertUnique: async (key: string, amount: number) => {
      await turn();
      if (this.#tables.rows.some((row) => row.key === key)) throw new Error("duplicate key");
      this.#tables.rows.push({ key, amount });
    },
    upsert: async (key: string, amount: number) => {
      await turn();
      const others = this.#tables.rows.filter((row) => row.key !== key);
      this.#tables.rows = [...others, { key, amount }];
    },
    insertIfAbsent: async (key: string, amount: number): Promise<boolean> => {
      await turn();
      if (this.#tables.rows.some((row) => row.key === key)) return false;
      this.#tables.rows.push({ key, amount });
      return true;
    },
    find: async (key: string) => this.#tables.rows.find((row) => row.key === key),
    balance: async (name: string) => this.#tables.balances.get(name) ?? 0,
    setBalance: async (name: string, amount: number) => {
      this.#tables.balances.set(name, amount);
    },
    add: async (name: string, amount: number) => {
      this.#tables.balances.set(name, (this.#tables.balances.get(name) ?? 0) + amount);
    },
    isSeen: async (key: string) => this.#tables.seen.has(key),
    markSeen: async (key: string) => {
      this.#tables.seen.add(key);
    },
    /** Works on a copy and holds a lock; both end with the connection. */
    transaction: async (body: (tx: Transaction) => Promise<void>) => {
      if (this.#locked) throw new Error("locked");
      this.#locked = true;
      const copy = structuredClone(this.#tables);
      try {
        await body(new Transaction(copy));
        this.#tables = copy;
      } finally {
        this.#locked = false;
      }
    },
  };

  readonly mail = {
    send: async (text: string) => {
      await turn();
      this.#mails.push(text);
    },
  };

  snapshot() {
    return { ...this.#tables, mails: [...this.#mails] };
  }
}

class Transaction {
  readonly #tables: Tables;
  constructor(tables: Tables) {
    this.#tables = tables;
  }
  async isSeen(key: string): Promise<boolean> {
    return this.#tables.seen.has(key);
  }
  async markSeen(key: string): Promise<void> {
    this.#tables.seen.add(key);
  }
  async insert(key: string, amount: number): Promise<void> {
    this.#tables.rows.push({ key, amount });
  }
  async add(name: string, amount: number): Promise<void> {
    this.#tables.balances.set(name, (this.#tables.balances.get(name) ?? 0) + amount);
  }
}

const amountOf = ({ value }: MessageOf<Payments>): number => Number(value);

/** What went wrong, as far as the error says it. */
async function caught(make: (world: Shop) => Handler): Promise<{ crash: string; text: string }> {
  const error: unknown = await provesIdempotent(make, () => new Shop(), options).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "TESTING_NOT_IDEMPOTENT" });
  const { details } = error as { details: { crash: string; difference: string } };
  return { crash: details.crash, text: details.difference };
}

describe("provesIdempotent catches", () => {
  const bad: readonly (readonly [string, (world: Shop) => Handler, crash: string, text: string])[] =
    [
      [
        "an insert without a key",
        ({ db }) =>
          async (message) =>
            db.insert(message.key, amountOf(message)),
        "crash after `db.insert`, before the offset of message 1",
        "rows: 4 entries instead of 3",
      ],
      [
        "a counter that is incremented",
        ({ db }) =>
          async (message) =>
            db.add("total", amountOf(message)),
        "crash after `db.add`, before the offset of message 1",
        "balances.total: 70 instead of 60",
      ],
      [
        "a counter that is read and written",
        ({ db }) =>
          async (message) => {
            await db.setBalance("total", (await db.balance("total")) + amountOf(message));
          },
        "crash after `db.setBalance`, before the offset of message 1",
        "balances.total: 70 instead of 60",
      ],
      [
        "check, act, note, without a transaction",
        ({ db }) =>
          async (message) => {
            if (await db.isSeen(message.key)) return;
            await db.insert(message.key, amountOf(message));
            await db.markSeen(message.key);
          },
        "crash after `db.insert`, before `db.markSeen` of message 1",
        "rows: 4 entries instead of 3",
      ],
      [
        "note first, act after it: the effect is lost",
        ({ db }) =>
          async (message) => {
            if (await db.isSeen(message.key)) return;
            await db.markSeen(message.key);
            await db.insert(message.key, amountOf(message));
          },
        "crash after `db.markSeen`, before `db.insert` of message 1",
        "rows: 2 entries instead of 3",
      ],
      [
        "an e-mail before the commit",
        ({ db, mail }) =>
          async (message) => {
            if (await db.isSeen(message.key)) return;
            await mail.send(`paid ${message.key}`);
            await db.transaction(async (tx) => {
              await tx.markSeen(message.key);
              await tx.insert(message.key, amountOf(message));
            });
          },
        "crash after `mail.send`, before `db.transaction` of message 1",
        "mails: 4 entries instead of 3",
      ],
      [
        "a unique key whose violation nobody answers",
        ({ db }) =>
          async (message) =>
            db.insertUnique(message.key, amountOf(message)),
        "crash after `db.insertUnique`, before the offset of message 1",
        "delivered again, the handler fails: duplicate key",
      ],
      [
        "a list of what was seen, in memory",
        ({ db }) => {
          const seen = new Set<string>();
          return async (message) => {
            if (seen.has(message.key)) return;
            seen.add(message.key);
            await db.insert(message.key, amountOf(message));
          };
        },
        "crash after `db.insert`, before the offset of message 1",
        "rows: 4 entries instead of 3",
      ],
      [
        "calls side by side",
        ({ db, mail }) =>
          async (message) => {
            const isNew = await db.insertIfAbsent(message.key, amountOf(message));
            if (isNew) await Promise.all([mail.send("a"), db.add("total", 1)]);
          },
        "crash after `db.insertIfAbsent`, before `mail.send` of message 1",
        "balances.total: 2 instead of 3",
      ],
      [
        "an effect that nobody waits for",
        ({ db }) =>
          async (message) => {
            void db.insert(message.key, amountOf(message));
          },
        "crash after the handler, before the offset of message 1",
        "rows: 4 entries instead of 3",
      ],
      [
        "a handler that catches what goes wrong",
        ({ db }) =>
          async (message) => {
            try {
              await db.insert(message.key, amountOf(message));
            } catch {
              await db.add("errors", 1);
            }
          },
        "crash after `db.insert`, before the offset of message 1",
        "rows: 4 entries instead of 3",
      ],
      [
        "the key of the last message only",
        ({ db }) =>
          async (message) => {
            if ((await db.balance("last")) === message.offset + 1) return;
            await db.transaction(async (tx) => {
              await tx.insert(message.key, amountOf(message));
              await tx.add("last", 1);
            });
          },
        "crash after `db.transaction`, before the offset of message 2, with no offset committed before",
        "rows: 5 entries instead of 3",
      ],
    ];
  test.each(bad)("%s", async (_name, make, crash, text) => {
    const found = await caught(make);
    expect(found.crash).toBe(crash);
    expect(found.text).toContain(text);
  });

  test("the error says which schedule it was, and the next step", async () => {
    const proof = provesIdempotent(
      ({ db }: Shop) =>
        async (message) =>
          db.insert(message.key, amountOf(message)),
      () => new Shop(),
      { ...options, seed: 5 },
    );
    await expect(proof).rejects.toMatchObject({
      message:
        "The handler is not idempotent: crash after `db.insert`, before the offset of message 1; " +
        "rows: 4 entries instead of 3; schedule 2 of 45, seed 5",
      hint: expect.stringContaining("in one transaction") as string,
      details: { crashes: [{ call: "db.insert", when: "after", message: 1 }] },
    });
  });

  test("what only two crashes show, without the crash that does not matter", async () => {
    // The second attempt is careful, the third is not.
    const found = await caught(({ db }) => async (message) => {
      const attempts = await db.balance(`attempts-${message.key}`);
      if (attempts < 2) await db.setBalance(`attempts-${message.key}`, attempts + 1);
      if (attempts >= 2) await db.add("careless", 1);
      await db.upsert(message.key, amountOf(message));
      await db.setBalance(`attempts-${message.key}`, 0);
    });
    expect(found.crash.split(", then ")).toHaveLength(2);
    expect(found.text).toBe("balances.careless: 1, which should not be there");
  });
});

describe("provesIdempotent passes", () => {
  const good: readonly (readonly [string, (world: Shop) => Handler])[] = [
    [
      "an upsert",
      ({ db }) =>
        async (message) =>
          db.upsert(message.key, amountOf(message)),
    ],
    [
      "a conditional write",
      ({ db }) =>
        async (message) => {
          await db.insertIfAbsent(message.key, amountOf(message));
        },
    ],
    [
      "a list of what was seen, in the transaction of the effect",
      ({ db }) =>
        async (message) => {
          await db.transaction(async (tx) => {
            if (await tx.isSeen(message.key)) return;
            await tx.insert(message.key, amountOf(message));
            await tx.add("total", amountOf(message));
            await tx.markSeen(message.key);
          });
        },
    ],
    [
      "a unique key whose violation means that it is done",
      ({ db }) =>
        async (message) => {
          try {
            await db.insertUnique(message.key, amountOf(message));
          } catch (error) {
            if ((error as Error).message !== "duplicate key") throw error;
          }
        },
    ],
    [
      "a handler that only reads",
      ({ db }) =>
        async (message) =>
          void (await db.find(message.key)),
    ],
  ];
  test.each(good)("%s", async (_name, make) => {
    const proof = await provesIdempotent(make, () => new Shop(), options);
    expect(proof.schedules).toBeGreaterThan(proof.crashPoints);
  });

  test("every place of every message is tried, alone and with nothing committed", async () => {
    const proof = await provesIdempotent(
      ({ db }: Shop) =>
        async (message) =>
          db.upsert(message.key, amountOf(message)),
      () => new Shop(),
      { ...options, randomSchedules: 4 },
    );
    // Before and after one call, and before the offset, of three messages; the last two again; 4.
    expect(proof).toEqual({ crashPoints: 9, schedules: 9 + 6 + 4 });
  });
});

describe("provesIdempotent refuses", () => {
  test("a handler that fails by itself", async () => {
    const fails = () => async () => {
      throw new Error("no stock");
    };
    await expect(provesIdempotent(fails, () => new Shop(), options)).rejects.toMatchObject({
      code: "TESTING_HANDLER_FAILED",
      details: { topic: "payments", partition: 0, offset: 0, reason: "no stock" },
    });
  });

  test("a world that is not the same twice", async () => {
    let runs = 0;
    const world = () => ({ run: ++runs, snapshot: () => ({ run: runs }) });
    await expect(provesIdempotent(() => () => {}, world, options)).rejects.toMatchObject({
      code: "TESTING_WORLD_DIFFERS",
      details: { difference: "run: 2 instead of 1" },
    });
  });

  test("a life that does not end", async () => {
    const hangs = () => () => new Promise<void>(() => {});
    const proof = provesIdempotent(hangs, () => new Shop(), { ...options, timeoutMs: 50 });
    await expect(proof).rejects.toMatchObject({ code: "TESTING_PROOF_STUCK" });
  });

  test("a lock that outlives its process, and names the crash", async () => {
    class Locking implements World {
      #locked = false;
      async lock(): Promise<void> {
        if (this.#locked) await new Promise(() => {});
        this.#locked = true;
      }
      async unlock(): Promise<void> {
        this.#locked = false;
      }
      snapshot(): unknown {
        return {};
      }
    }
    const proof = provesIdempotent(
      (world: Locking) => async () => {
        await world.lock();
        await world.unlock();
      },
      () => new Locking(),
      { ...options, timeoutMs: 200 },
    );
    await expect(proof).rejects.toMatchObject({
      code: "TESTING_PROOF_STUCK",
      details: { crash: "crash after `lock`, before `unlock` of message 1" },
    });
  });

  const invalid: readonly (readonly [string, Partial<IdempotenceOptions<Payments>>])[] = [
    ["messages", { messages: [] }],
    ["seed", { seed: 1.5 }],
    ["randomSchedules", { randomSchedules: -1 }],
    ["timeoutMs", { timeoutMs: 0 }],
  ];
  test.each(invalid)("%s that make no sense", async (option, given) => {
    const proof = provesIdempotent(
      () => () => {},
      () => new Shop(),
      { ...options, ...given },
    );
    await expect(proof).rejects.toMatchObject({
      code: "TESTING_OPTION_INVALID",
      details: { option },
    });
  });

  test("that are left out", async () => {
    const proof = (provesIdempotent as unknown as (...given: unknown[]) => Promise<unknown>)(
      () => () => undefined,
      () => new Shop(),
    );
    await expect(proof).rejects.toMatchObject({ code: "TESTING_OPTION_INVALID" });
  });
});
