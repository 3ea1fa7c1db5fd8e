/** The scenario `examples/events/`, with the topic and the schema that `init` makes. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createRegistryClient } from "../../src/client/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { readText } from "../tidy/source.ts";
import type { Terminals } from "./programs.ts";
import { openTerminals } from "./programs.ts";
import { forgetTopic } from "./topics.ts";

describeKafka("the events", (brokers) => {
  let terminals: Terminals;
  beforeAll(async () => {
    await forgetTopic(brokers, "events");
    terminals = await openTerminals(brokers);
  });
  afterEach(() => terminals.endAll());
  afterAll(() => terminals.close());

  test("travel typed from a timer to a consumer, and both end when they are told to", async () => {
    await terminals.run("events/admin");
    const { schema } = await createRegistryClient({ url: terminals.registry }).version(
      "events-value",
      "latest",
    );
    expect(JSON.parse(schema)).toEqual(JSON.parse(readText("examples/schemas/event.avsc")));

    const producer = terminals.start("events/produce", "50");
    const consumer = terminals.start("events/consume", `audit-${randomUUID().slice(0, 8)}`);
    await consumer.says(/Z user0: SIGNED_IN \(0\)$/);
    await consumer.says(/Z user1: bought something \(1\)$/);
    await consumer.says(/Z user2: SIGNED_OUT \(2\)$/);
    await producer.stop();
    const sent = Number(/^sent (\d+) events$/.exec(producer.lines.at(-1) ?? "")?.[1]);
    expect(producer.lines).toHaveLength(sent + 1);
    await consumer.says(new RegExp(`\\(${sent - 1}\\)$`));
    await consumer.stop();
  });

  test("the program of `init` may be run again", async () => {
    const first = await terminals.run("events/register");
    expect(await terminals.run("events/register")).toEqual(first);
    expect(first).toEqual([expect.stringMatching(/^schema events-value has id \d+$/)]);
  });
});
