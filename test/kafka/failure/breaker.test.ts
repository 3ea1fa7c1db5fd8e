import { beforeEach, expect, test } from "vitest";
import { clientErrors } from "../../../src/client/index.ts";
import { HookCaller } from "../../../src/kafka/contract/index.ts";
import { Breaker } from "../../../src/kafka/failure/index.ts";
import type { FakeClock } from "../observe/fake-clock.ts";
import { fakeClock, settled } from "../observe/fake-clock.ts";
import { consumerIdentity } from "../work-parts.ts";

const down = () =>
  clientErrors.create("CLIENT_UNREACHABLE", {
    url: "x",
    method: "GET",
    path: "/",
    attempts: 1,
    reason: "refused",
    mayBeDone: false,
  });
const unknown = () => clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id: 1, url: "x" });

let clock: FakeClock;
let outages: string[];
let breaker: Breaker;
let isDown: boolean;
let asked: number;

beforeEach(() => {
  clock = fakeClock();
  outages = [];
  isDown = true;
  asked = 0;
  const onOutage = ({ what, over }: { what: string; over: boolean }) =>
    outages.push(`${what} ${over ? "over" : "begins"}`);
  const hooks = new HookCaller([{ onOutage }], consumerIdentity);
  breaker = new Breaker({ clock, hooks, random: () => 0 });
});

async function ask(): Promise<void> {
  asked++;
  if (isDown) throw down();
}

const never = new AbortController().signal;
const quiet = (): void => undefined;

test("what is answered at once is not waited for", async () => {
  isDown = false;
  expect(await breaker.call(ask, never, quiet)).toBe(true);
  expect([asked, outages, breaker.isOpen]).toEqual([1, [], false]);
});

test("an outage is waited for, with growing pauses, and told once at both ends", async () => {
  const waits: boolean[] = [];
  const call = breaker.call(ask, never, (on) => waits.push(on));
  const pauses = [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000];
  for (const [n, ms] of pauses.entries()) {
    await settled();
    clock.advance(ms - 1);
    await settled();
    expect(asked).toBe(n + 1);
    clock.advance(1);
    await settled();
  }
  isDown = false;
  clock.advance(10_000);
  expect(await call).toBe(true);
  expect(outages).toEqual(["registry begins", "registry over"]);
  expect(waits).toEqual([true, false]);
});

test("one asks while many wait; then all of them go on", async () => {
  const others: string[] = [];
  const first = breaker.call(ask, never, quiet);
  await settled();
  const calls = Array.from({ length: 50 }, (_, n) =>
    breaker.call(
      async () => {
        others.push(`ask ${n}`);
      },
      never,
      quiet,
    ),
  );
  await settled();
  expect(asked).toBe(1);
  expect(others).toEqual([]);
  isDown = false;
  clock.advance(100);
  await first;
  expect(await Promise.all(calls)).toEqual(Array(50).fill(true));
  expect(others).toHaveLength(50);
  expect(asked).toBe(2);
});

test("an answer that is no ends the outage, and goes to who asked", async () => {
  const call = breaker.call(
    async () => {
      asked++;
      throw asked === 1 ? down() : unknown();
    },
    never,
    quiet,
  );
  const failure = call.catch((error: unknown) => error);
  await settled();
  clock.advance(100);
  expect(await failure).toMatchObject({ code: "CLIENT_SCHEMA_ID_UNKNOWN" });
  expect(outages).toEqual(["registry begins", "registry over"]);
});

test("who is told to stop stops waiting, at once; the others do not", async () => {
  const stop = new AbortController();
  const waits: boolean[] = [];
  const leaving = breaker.call(ask, stop.signal, (on) => waits.push(on));
  await settled();
  const staying = breaker.call(ask, never, quiet);
  await settled();
  stop.abort();
  expect(await leaving).toBe(false);
  expect(waits).toEqual([true, false]);
  isDown = false;
  for (let n = 0; n < 3; n++) {
    await settled();
    clock.advance(200);
  }
  expect(await staying).toBe(true);
});

test("what does not say that it can pass is not tried again", async () => {
  const call = breaker.call(() => Promise.reject(new TypeError("a fault of ours")), never, quiet);
  await expect(call).rejects.toThrow(TypeError);
  expect(outages).toEqual([]);
});
