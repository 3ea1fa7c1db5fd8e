/** The scenario `examples/riders/`: lines that are typed become records; groups by name. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeKafka } from "../brokers/describe-kafka.ts";
import type { Terminals } from "./programs.ts";
import { openTerminals } from "./programs.ts";
import { forgetTopic } from "./topics.ts";

describeKafka("the riders", (brokers) => {
  let terminals: Terminals;
  beforeAll(async () => {
    await forgetTopic(brokers, "rider-updates");
    terminals = await openTerminals(brokers);
    await terminals.run("riders/admin");
  });
  afterEach(() => terminals.endAll());
  afterAll(() => terminals.close());

  test("the north is partition 0, all else partition 1; what is no update is said and not sent", async () => {
    const typist = terminals.start("riders/produce");
    await typist.says(/^write a rider/);
    const groups = ["map", "billing"].map((name) => `${name}-${randomUUID().slice(0, 8)}`);
    const readers = groups.map((group) => terminals.start("riders/consume", group));
    for (const line of ["tony south", "", "tony", "mia NORTH", "leo the east", "  leo   east "]) {
      typist.type(line);
    }
    typist.endInput();
    await typist.ends();
    expect(typist.lines.slice(1)).toEqual([
      "tony is in partition 1 at offset 0",
      '"tony" is no rider and location: tony south',
      "mia is in partition 0 at offset 0",
      '"leo the east" is no rider and location: tony south',
      "leo is in partition 1 at offset 1",
    ]);
    for (const [i, reader] of readers.entries()) {
      const group = groups[i];
      await reader.says(/: mia is in the north \(partition 0\)$/);
      await reader.says(/: leo is in the east \(partition 1\)$/);
      await reader.stop();
      expect(reader.lines.filter((line) => line.startsWith(`${group}: `)).sort()).toEqual([
        `${group}: leo is in the east (partition 1)`,
        `${group}: mia is in the north (partition 0)`,
        `${group}: tony is in the south (partition 1)`,
      ]);
    }
  });

  test("a program without its arguments says how it is used", async () => {
    const program = terminals.start("riders/consume");
    await expect(program.ends()).rejects.toThrow(
      /ended with 2:\nusage: riders\/consume\.js <group>/,
    );
  });
});
