/** The scenario `examples/users/`: partitions by initial, a queue, publish and subscribe, reading again. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createAdmin } from "../../src/kafka/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import type { Program, Terminals } from "./programs.ts";
import { openTerminals } from "./programs.ts";
import { forgetTopic } from "./topics.ts";

describeKafka("the users", (brokers) => {
  let terminals: Terminals;
  beforeAll(async () => {
    await forgetTopic(brokers, "Users");
    terminals = await openTerminals(brokers);
    expect(await terminals.run("users/admin")).toEqual([
      "topic Users was created",
      "schema Users-value has id 1",
    ]);
  });
  afterEach(() => terminals.endAll());
  afterAll(() => terminals.close());
  const group = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;

  test("the admin program may be run again", async () => {
    expect(await terminals.run("users/admin")).toEqual([
      "topic Users was there already",
      "schema Users-value has id 1",
    ]);
    const admin = await createAdmin({ brokers });
    expect((await admin.describeTopic("Users"))?.partitions.map(({ id }) => id)).toEqual([0, 1]);
    await admin.close();
  });

  test("A–M go to partition 0, N–Z to partition 1; each group reads all, and again from 0", async () => {
    const sent = await terminals.run("users/produce", "anna", "Max", "mZ", "nora", "Tom", "Émile");
    expect(sent).toEqual([
      "anna is in partition 0 at offset 0",
      "Max is in partition 0 at offset 1",
      "mZ is in partition 0 at offset 2",
      "nora is in partition 1 at offset 0",
      "Tom is in partition 1 at offset 1",
      "Émile is in partition 0 at offset 3",
    ]);
    const [mail, audit] = [group("mail"), group("audit")];
    const readers = [
      terminals.start("users/consume", mail),
      terminals.start("users/consume", audit),
    ];
    await Promise.all(readers.map(everyone));
    await Promise.all(readers.map((reader) => reader.stop()));

    // The group has read everything: only what is sent now comes, unless it reads again.
    const later = terminals.start("users/consume", mail);
    await later.says(/^assigned: partitions 0, 1$/);
    await terminals.run("users/produce", "zoe");
    await later.says(/read zoe from partition 1 at offset 2$/);
    await later.stop();
    expect(namesIn(later)).toEqual(["zoe"]);

    const again = terminals.start("users/consume", mail, "again");
    await everyone(again);
    await again.says(/read zoe /);
    await again.stop();
    expect(namesIn(again).sort()).toEqual(["Max", "Tom", "anna", "mZ", "nora", "zoe", "Émile"]);

    // The same from outside, while nobody of the group runs.
    expect(await terminals.run("users/reset", mail)).toEqual([
      `${mail} goes from 4 to 0 in partition 0`,
      `${mail} goes from 3 to 0 in partition 1`,
    ]);
    const reset = terminals.start("users/consume", mail);
    await everyone(reset);
    await reset.stop();
  });

  test("a queue: two share the partitions, a third one waits and takes over when one leaves", async () => {
    const queue = group("queue");
    const first = terminals.start("users/consume", queue);
    await first.says(/^assigned: partitions 0, 1$/);
    const second = terminals.start("users/consume", queue);
    await second.says(/^assigned: partitions [01]$/);
    const third = terminals.start("users/consume", queue);
    await third.says(/^assigned: none/);
    await second.stop();
    await third.says(/^assigned: partitions [01]$/);
    const before = first.lines.length;
    await terminals.run("users/produce", "Bea", "Yan");
    const found = Promise.all([
      Promise.race([first.says(/read Bea/), third.says(/read Bea/)]),
      Promise.race([first.says(/read Yan/), third.says(/read Yan/)]),
    ]);
    await found;
    await Promise.all([first.stop(), third.stop()]);
    const read = [...first.lines.slice(before), ...third.lines].filter((line) =>
      /read (?:Bea|Yan)/.test(line),
    );
    expect(read).toHaveLength(2);
  });
});

const EVERYONE = ["anna", "Max", "mZ", "nora", "Tom", "Émile"];

async function everyone(reader: Program): Promise<void> {
  for (const name of EVERYONE) await reader.says(new RegExp(`read ${name} `));
}

function namesIn(reader: Program): string[] {
  return reader.lines.flatMap((line) => / read (\S+) from/.exec(line)?.[1] ?? []);
}
