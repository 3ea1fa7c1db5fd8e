/** The scenarios `examples/payments/` and `examples/quickstart-events.ts`. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeKafka } from "../brokers/describe-kafka.ts";
import type { Program, Terminals } from "./programs.ts";
import { openTerminals } from "./programs.ts";
import { forgetTopic } from "./topics.ts";

describeKafka("the payments", (brokers) => {
  let terminals: Terminals;
  beforeAll(async () => {
    await forgetTopic(brokers, "payment-done", "quickstart-events");
    terminals = await openTerminals(brokers);
    await terminals.run("payments/admin");
  });
  afterEach(() => terminals.endAll());
  afterAll(() => terminals.close());

  test("one user's payments are in one of three partitions; lag falls to 0; another consumer goes on", async () => {
    const sent = await terminals.run("payments/produce", "5");
    const partition = Number(/partition (\d)/.exec(sent[0] ?? "")?.[1]);
    expect(sent).toEqual(
      [0, 1, 2, 3, 4].map(
        (i) => `payment ${i + 1} of user1 is in partition ${partition} at offset ${i}`,
      ),
    );
    const group = `billing-${randomUUID().slice(0, 8)}`;
    const first = terminals.start("payments/consume", group, "1000");
    await first.says(new RegExp(`^lag of ${group}: .*[1-5] in partition ${partition}`));
    await first.says(/^user1 paid 5\.50/);
    await first.says(
      new RegExp(`^lag of ${group}: 0 in partition 0, 0 in partition 1, 0 in partition 2$`),
    );
    const second = terminals.start("payments/consume", group);
    await second.says(/^assigned: partitions \d/);
    await first.stop();
    await second.says(
      new RegExp(`^lag of ${group}: 0 in partition 0, 0 in partition 1, 0 in partition 2$`),
    );
    await terminals.run("payments/produce", "1");
    await second.says(new RegExp(`^user1 paid 1\\.50 \\(partition ${partition}, offset 5\\)$`));
    await second.stop();
    const lag = await terminals.run("payments/lag", group);
    expect(lag).toHaveLength(3);
    expect(lag[partition]).toBe(`partition ${partition}: committed 6, end 6, lag 0`);
    expect([...paid(first), ...paid(second)]).toEqual([
      "1.50",
      "2.50",
      "3.50",
      "4.50",
      "5.50",
      "1.50",
    ]);
  });

  test("the quick start writes three events and reads them", async () => {
    expect(await terminals.run("quickstart-events")).toEqual([
      "This is my first event",
      "This is my second event",
      "This is my third event",
    ]);
  });
});

function paid(program: Program): string[] {
  return program.lines.flatMap((line) => / paid (\S+) /.exec(line)?.[1] ?? []);
}
