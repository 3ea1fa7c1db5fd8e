/** Apache Avro for Java as the referee of a few thousand generated cases, asked in one batch. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  fingerprintHex,
  parseSchema,
  parsingCanonicalForm,
  printSchema,
  readerIncompatibilities,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/errors.ts";
import { arbSchemaPair, arbSchemaText } from "./arbitraries.ts";
import type { RefereeAnswer, RefereeCase } from "./java.ts";
import { askReferee, refereeProblem } from "./java.ts";

const SEED = 20_261_121;
const schemas = fc.sample(arbSchemaText, { seed: SEED, numRuns: 3000 });
const pairs = fc.sample(arbSchemaPair, { seed: SEED, numRuns: 3000 });
const problem = refereeProblem();
const title = problem === undefined ? "Java agrees" : `Java agrees (skipped: ${problem})`;

describe.skipIf(problem !== undefined)(title, () => {
  let answers: readonly RefereeAnswer[] = [];

  beforeAll(() => {
    const cases: RefereeCase[] = [
      ...schemas.map((text) => ({ op: "schema", text }) as const),
      ...pairs.map(([writer, reader]) => ({ op: "pair", reader, writer }) as const),
    ];
    answers = askReferee(cases);
  });

  test("on stored text, canonical form and fingerprint of every generated schema", () => {
    expect(differences(schemas.map(ourSchema), answers.slice(0, schemas.length))).toEqual([]);
  });

  test("on every finding of every generated pair of versions", () => {
    expect(differences(pairs.map(ourPair), answers.slice(schemas.length))).toEqual([]);
  });

  test("on nearly all of them: it cannot judge a default that needs the record around it", () => {
    const given = answers.filter(({ error }) => error === CANNOT_JUDGE);
    expect(given.length).toBeLessThan(answers.length / 50);
  });
});

/** Java looks at the fields of a record that it has not finished; we let such defaults pass. */
const CANNOT_JUDGE = "Schema fields not set yet";

function differences(ours: readonly RefereeAnswer[], theirs: readonly RefereeAnswer[]): unknown[] {
  expect(theirs.length).toBe(ours.length);
  return ours
    .map((our, index) => ({ our, their: theirs[index] }))
    .filter(({ their }) => their?.error !== CANNOT_JUDGE)
    .filter(({ our, their }) => JSON.stringify(sorted(our)) !== JSON.stringify(sorted(their)))
    .slice(0, 5);
}

function sorted(answer: RefereeAnswer | undefined): unknown {
  return Object.entries(answer ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
}

function ourSchema(text: string): RefereeAnswer {
  const schema = parseSchema(text);
  return {
    text: printSchema(schema),
    canonical: parsingCanonicalForm(schema),
    rabin: fingerprintHex(schema).replace(/^0+/, ""),
  };
}

function ourPair([writer, reader]: readonly [string, string]): RefereeAnswer {
  try {
    const findings = readerIncompatibilities(parseSchema(reader), parseSchema(writer));
    const plain = findings.map(({ type, location, message }) => ({ type, location, message }));
    return { incompatibilities: plain };
  } catch (error) {
    if (!isTypewireError(error, "AVRO_ALIAS_AMBIGUOUS")) throw error;
    return { error: String(error.details["javaMessage"]) };
  }
}
