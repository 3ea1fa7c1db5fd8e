import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RegistryClient } from "../../src/client/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { askReferee, refereeProblem } from "../avro/java.ts";
import type { Attempt } from "./graphs.ts";
import { arbPlans, parseOrder, registerPlans } from "./graphs.ts";

const GRAPHS = 80;
const SEED = 20_261_128;
const problem = refereeProblem();

interface Ours {
  readonly refusal?: string;
  readonly closed?: string;
  readonly stored?: string;
}

async function oursOf(registry: RegistryClient, { subject, version, refusal }: Attempt) {
  if (version === undefined) return { refusal: refusal ?? "" };
  const { schema } = await registry.version(subject, version);
  return { closed: await registry.closedSchema(subject, version), stored: schema };
}

/** Random graphs, with what the registry made of them, and what Java would have to read. */
async function makeCases(): Promise<{ texts: string[]; ours: Ours }[]> {
  const server = await createRegistryServer({
    store: "memory",
    port: 0,
    settings: { level: "NONE" },
  });
  try {
    const registry = createRegistryClient({ url: server.url });
    const cases: { texts: string[]; ours: Ours }[] = [];
    for (const [index, plans] of fc.sample(arbPlans, { numRuns: GRAPHS, seed: SEED }).entries()) {
      const attempts = await registerPlans(registry, `r${index}-`, plans);
      for (const attempt of attempts) {
        const texts = parseOrder(attempt, attempts);
        cases.push({ texts, ours: await oursOf(registry, attempt) });
      }
    }
    return cases;
  } finally {
    await server.close();
  }
}

/** The kind of a refusal, in the words that both sides use. */
function kindOf(message: string): string {
  const redefined = /Can't redefine: ([\w.]+)/.exec(message)?.[0];
  if (redefined !== undefined) return redefined;
  return /Undefined schema|is not defined/.test(message) ? "undefined" : message;
}

describe.skipIf(problem !== undefined)(`what Java says${problem ? ` (${problem})` : ""}`, () => {
  test("of each schema after all that it refers to, we say too", async () => {
    const cases = await makeCases();
    const theirs = askReferee(cases.map(({ texts }) => ({ op: "chain", texts })));
    for (const [index, { texts, ours }] of cases.entries()) {
      const { error, closed, stored } = theirs[index] ?? {};
      const said = ours.refusal === undefined ? ours : { refusal: kindOf(ours.refusal) };
      const right = error === undefined ? { closed, stored } : { refusal: kindOf(error) };
      expect(said, texts.join("\n")).toEqual(right);
    }
    const refused = cases.filter(({ ours }) => ours.refusal !== undefined).length;
    const long = cases.filter(({ texts }) => texts.length > 3).length;
    expect(cases.length).toBeGreaterThan(800);
    expect(refused).toBeGreaterThan(50);
    expect(long).toBeGreaterThan(50);
  });
});
