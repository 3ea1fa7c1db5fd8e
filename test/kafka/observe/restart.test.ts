import { expect, test } from "vitest";
import { kafkaErrors } from "../../../src/kafka/contract/index.ts";
import { withRestarts } from "../../../src/kafka/observe/index.ts";
import { rdkafkaErrors } from "../../../src/rdkafka/index.ts";
import { fakeClock, settled } from "./fake-clock.ts";

const passing = () =>
  rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", { action: "x", reason: "y", kafkaCode: 1 });
const lasting = () => kafkaErrors.create("KAFKA_CLOSED", { client: "consumer" });

test("a failure that can pass starts it again, with growing pauses", async () => {
  const clock = fakeClock();
  const delays: number[] = [];
  let starts = 0;
  const running = withRestarts(
    async () => {
      starts++;
      if (starts <= 8) throw passing();
    },
    { clock, random: () => 0, onRestart: (_, delayMs) => delays.push(delayMs) },
  );
  for (let i = 0; i < 8; i++) {
    await settled();
    clock.advance(60_000);
  }
  await running;
  expect(starts).toBe(9);
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("jitter shortens a pause by up to a fifth", async () => {
  const clock = fakeClock();
  const delays: number[] = [];
  let starts = 0;
  const running = withRestarts(
    async () => {
      if (++starts === 1) throw passing();
    },
    { clock, random: () => 0.5, onRestart: (_, delayMs) => delays.push(delayMs) },
  );
  await settled();
  clock.advance(900);
  await running;
  expect(delays).toEqual([900]);
});

test("a failure that lasts is thrown", async () => {
  const failing = withRestarts(() => Promise.reject(lasting()), { clock: fakeClock() });
  await expect(failing).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
});

test("a long run forgets the failures before it; too many in a row are thrown", async () => {
  const clock = fakeClock();
  const delays: number[] = [];
  let starts = 0;
  const running = withRestarts(
    async () => {
      starts++;
      if (starts === 2) clock.advance(60_000);
      throw passing();
    },
    { clock, random: () => 0, maxRestarts: 1, onRestart: (_, delayMs) => delays.push(delayMs) },
  );
  const failure = running.catch((error: unknown) => error);
  for (let i = 0; i < 3; i++) {
    await settled();
    clock.advance(1_000);
  }
  expect(await failure).toMatchObject({ code: "RDKAFKA_UNAVAILABLE" });
  expect(starts).toBe(3);
  expect(delays).toEqual([1_000, 1_000]);
});

test("the signal ends the pause, and no further start follows", async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  let starts = 0;
  const running = withRestarts(
    async () => {
      starts++;
      throw passing();
    },
    { clock, signal: controller.signal },
  );
  await settled();
  controller.abort();
  await running;
  expect(starts).toBe(1);
  expect(clock.waiting).toBe(0);
});

test.each([
  ["no function", undefined, {}],
  ["no options", async () => undefined, null],
  ["a time that is none", async () => undefined, { firstDelayMs: Number.NaN }],
])("refuses %s", async (_what, start, options) => {
  await expect(withRestarts(start as never, options as never)).rejects.toMatchObject({
    code: "KAFKA_OPTION_INVALID",
  });
});

test("aborted in onRestart: the pause is not sat out", async () => {
  const ending = new AbortController();
  let starts = 0;
  await withRestarts(
    () => {
      starts++;
      return Promise.reject(passing());
    },
    { clock: fakeClock(), signal: ending.signal, onRestart: () => ending.abort() },
  );
  expect(starts).toBe(1);
});
