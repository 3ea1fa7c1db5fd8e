/** The first record of a partition goes alone: as a model, and over the embedded cluster. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { FirstRecords, PATIENCE_MS } from "../../src/rdkafka/first-records.ts";
import type { OutBatch } from "../../src/rdkafka/index.ts";
import { createProducerBinding, startEmbeddedKafka } from "../../src/rdkafka/index.ts";

describe("the first record of a partition", () => {
  const steps = fc.array(
    fc.record({
      partition: fc.integer({ min: 0, max: 2 }),
      step: fc.constantFrom("send" as const, "written" as const, "failed" as const),
    }),
    { maxLength: 60 },
  );

  test.prop({ steps })("has none behind it before the broker has it", ({ steps }) => {
    const records = new FirstRecords(() => 0);
    const written = [false, false, false];
    const underWay = [0, 0, 0];
    for (const { partition: p, step } of steps) {
      if (step === "send") {
        const admitted = records.admits(p);
        expect(admitted).toBe(written[p] === true || underWay[p] === 0);
        if (!admitted) continue;
        records.went(p);
        underWay[p] = (underWay[p] ?? 0) + 1;
      } else if ((underWay[p] ?? 0) > 0) {
        underWay[p] = (underWay[p] ?? 0) - 1;
        const wasFirst = written[p] === false;
        expect(records.reported(p, step === "written")).toBe(wasFirst);
        if (step === "written") written[p] = true;
      }
    }
  });

  test("is waited for so long, and then the topic waits no more", () => {
    let now = 5;
    const records = new FirstRecords(() => now);
    records.went(0);
    now += PATIENCE_MS - 1;
    expect(records.admits(0)).toBe(false);
    records.went(1);
    expect([records.admits(1), records.admits(2)]).toEqual([false, true]);
    now++;
    expect([records.admits(0), records.admits(1)]).toEqual([true, true]);
  });
});

test.each([
  ["an idempotent producer", {}, 1],
  ["one that is made so by text", { "enable.idempotence": "true" }, 1],
  ["one without idempotence", { "enable.idempotence": false }, 5],
])("%s takes so many records of a new partition at once", async (_title, librdkafka, most) => {
  const cluster = await startEmbeddedKafka();
  await cluster.createTopics("orders");
  const options = { brokers: cluster.brokers, clientId: "test", librdkafka };
  const binding = await createProducerBinding(options);
  const record = { partition: 0, key: null, value: Buffer.from("v") };
  const fill = (batch: OutBatch): number => {
    let taken = 0;
    while (taken < 5 && batch.add(record)) taken++;
    return taken;
  };
  try {
    const early = binding.begin("orders");
    expect(fill(early)).toBe(most);
    // Another partition is not held up.
    expect(early.add({ ...record, partition: 1 })).toBe(true);
    const report = early.send();
    for (let room = binding.room(); room !== undefined; room = binding.room()) await room;
    expect((await report).failed).toBe(0);
    const late = binding.begin("orders");
    expect(fill(late)).toBe(5);
    expect((await late.send()).failed).toBe(0);
  } finally {
    await binding.close(5_000);
    await cluster.close();
  }
});
