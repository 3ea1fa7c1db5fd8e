import { describe, expect, test } from "vitest";
import {
  parseSchema,
  parsingCanonicalForm,
  prettyPrint,
  printSchema,
} from "../../src/avro/index.ts";
import { normalizedSchema } from "../../src/confluent/index.ts";

const stored = (text: string): string => printSchema(parseSchema(text, { mode: "stored" }));

describe("the stored text", () => {
  test.each([
    ["a primitive without attributes is a string", '{"type":"string"}', '"string"'],
    [
      "attributes follow the type",
      '{"x":1.0,"logicalType":"date","type":"int"}',
      '{"type":"int","x":1.0,"logicalType":"date"}',
    ],
    [
      "a record is type, name, namespace, doc, fields, attributes, aliases",
      '{"aliases":["Old","y.Older"],"owner":"us","fields":[],"doc":"d","name":"x.R","type":"record"}',
      '{"type":"record","name":"R","namespace":"x","doc":"d","fields":[],"owner":"us","aliases":["Old","y.Older"]}',
    ],
    [
      "a field is name, type, doc, default, order, aliases, attributes",
      '{"type":"record","name":"R","fields":[{"tag":true,"aliases":["b"],"order":"IGNORE","default":1e3,"doc":"","type":"double","name":"a"}]}',
      '{"type":"record","name":"R","fields":[{"name":"a","type":"double","doc":"","default":1000.0,"order":"ignore","aliases":["b"],"tag":true}]}',
    ],
    [
      "an enum is type, name, doc, symbols, default, attributes, aliases",
      '{"aliases":["F"],"n":null,"default":"A","symbols":["A"],"doc":"d","name":"E","type":"enum"}',
      '{"type":"enum","name":"E","doc":"d","symbols":["A"],"default":"A","n":null,"aliases":["F"]}',
    ],
    [
      "attributes that belong to other types are dropped, defaults of types are kept",
      '{"type":"array","items":"int","size":1,"doc":"d","symbols":[],"default":[]}',
      '{"type":"array","items":"int","default":[]}',
    ],
    [
      "error stays error",
      '{"type":"error","name":"E","fields":[]}',
      '{"type":"error","name":"E","fields":[]}',
    ],
    [
      "a namespace is written where it differs from the one around it",
      '{"type":"record","name":"x.R","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":1}},{"name":"b","type":{"type":"fixed","name":"G","namespace":"","size":1}},{"name":"c","type":{"type":"fixed","name":"y.H","size":1}}]}',
      '{"type":"record","name":"R","namespace":"x","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":1}},{"name":"b","type":{"type":"fixed","name":"G","namespace":"","size":1}},{"name":"c","type":{"type":"fixed","name":"H","namespace":"y","size":1}}]}',
    ],
    [
      "a second use is a name, full where the short one would read as a type",
      '{"type":"record","name":"x.R","fields":[{"name":"a","type":{"type":"fixed","name":"map","size":1}},{"name":"b","type":"x.map"},{"name":"c","type":["null","x.R"]}]}',
      '{"type":"record","name":"R","namespace":"x","fields":[{"name":"a","type":{"type":"fixed","name":"map","size":1}},{"name":"b","type":"x.map"},{"name":"c","type":["null","R"]}]}',
    ],
    [
      "trap names and odd keys stay where they are",
      '{"type":"map","values":"int","__proto__":{"b":1,"a":2},"2":1,"1":"x\\u0001"}',
      '{"type":"map","values":"int","__proto__":{"b":1,"a":2},"2":1,"1":"x\\u0001"}',
    ],
  ])("%s", (_, text, printed) => {
    expect(stored(text)).toBe(printed);
    expect(stored(printed)).toBe(printed);
  });

  test("types that are external stay names", () => {
    const schema = parseSchema('[{"type":"fixed","name":"x.F","size":1},"null"]', {
      mode: "strict",
    });
    expect(printSchema(schema, { external: new Set(["x.F"]) })).toBe('["x.F","null"]');
  });

  test("pretty text is the same schema", () => {
    const text = '{"type":"enum","name":"E","symbols":["A"],"x":1.5}';
    const pretty = prettyPrint(parseSchema(text, { mode: "strict" }));
    expect(pretty.split("\n").slice(0, 3)).toEqual(["{", '  "type": "enum",', '  "name": "E",']);
    expect(stored(pretty)).toBe(text);
  });
});

describe("the Parsing Canonical Form", () => {
  test("keeps nothing but names, types and sizes", () => {
    const text =
      '{"type":"error","name":"E","namespace":"x","doc":"d","aliases":["F"],"fields":[{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":4},"default":"","order":"ignore"},{"name":"e","type":{"type":"enum","name":"S","symbols":["A"],"default":"A"}},{"name":"again","type":"S"}]}';
    expect(parsingCanonicalForm(parseSchema(text, { mode: "strict" }))).toBe(
      '{"name":"x.E","type":"record","fields":[{"name":"a","type":"bytes"},{"name":"e","type":{"name":"x.S","type":"enum","symbols":["A"]}},{"name":"again","type":"x.S"}]}',
    );
  });

  test("escapes names that are no names, so that it stays JSON", () => {
    const text = '{"type":"fixed","name":"a\\"b","size":1}';
    const form = parsingCanonicalForm(parseSchema(text, { mode: "stored" }));
    expect(JSON.parse(form)).toEqual({ name: 'a"b', type: "fixed", size: 1 });
  });
});

describe("the normalised text", () => {
  test.each([
    [
      "aliases and attributes are sorted, members inside attributes too",
      '{"type":"record","name":"R","z":{"b":1,"a":[{"d":1,"c":2}]},"k":1,"aliases":["b","a"],"fields":[]}',
      '{"type":"record","name":"R","fields":[],"k":1,"z":{"a":[{"c":2,"d":1}],"b":1},"aliases":["a","b"]}',
    ],
    [
      "the attributes of a logical type come first",
      '{"type":"bytes","a":1,"scale":2,"precision":4,"logicalType":"decimal"}',
      '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"a":1}',
    ],
    [
      "a scale of 0 takes its place by the alphabet",
      '{"type":"bytes","z":1,"scale":0,"precision":4,"logicalType":"decimal"}',
      '{"type":"bytes","logicalType":"decimal","precision":4,"scale":0,"z":1}',
    ],
    [
      "empty docs of types go, error becomes record, ascending is not written",
      '{"type":"error","name":"E","doc":"","fields":[{"name":"a","type":"int","doc":"","order":"ascending"}]}',
      '{"type":"record","name":"E","fields":[{"name":"a","type":"int","doc":""}]}',
    ],
    [
      "defaults are written as values of their type",
      '{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":1},{"name":"b","type":{"type":"map","values":"float"},"default":{"z":0.1,"y":16777217}},{"name":"c","type":"long","default":1}]}',
      '{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":1.0},{"name":"b","type":{"type":"map","values":"float"},"default":{"y":1.6777216E7,"z":0.1}},{"name":"c","type":"long","default":1}]}',
    ],
    [
      "a default of a later branch is kept",
      '{"type":"record","name":"R","fields":[{"name":"a","type":["null","string"],"default":"x"}]}',
      '{"type":"record","name":"R","fields":[{"name":"a","type":["null","string"],"default":"x"}]}',
    ],
    [
      "a type of the null namespace stays there",
      '{"type":"record","name":"x.R","fields":[{"name":"a","type":{"type":"fixed","namespace":"","name":"F","size":1}}]}',
      '{"type":"record","name":"R","namespace":"x","fields":[{"name":"a","type":{"type":"fixed","name":"F","namespace":"","size":1}}]}',
    ],
    [
      "a recursive type is walked once",
      '{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"],"b":1,"a":2}]}',
      '{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"],"a":2,"b":1}]}',
    ],
  ])("%s", (_, text, normalized) => {
    expect(normalizedSchema(parseSchema(text, { mode: "strict" }))).toBe(normalized);
    expect(normalizedSchema(parseSchema(normalized, { mode: "strict" }))).toBe(normalized);
  });
});
