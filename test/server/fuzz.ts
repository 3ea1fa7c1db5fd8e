import fc from "fast-check";
import { expect } from "vitest";
import type { RouteRow } from "../../src/api/index.ts";
import { MEDIA_TYPES, routes } from "../../src/api/index.ts";
import { requestHead, sendRaw } from "./raw-http.ts";

const rows = Object.values<RouteRow>(routes);
/** One after the other makes state that the later requests find. */
const subjects = [
  "s",
  "a%2Fb",
  ":.x:s",
  "%00",
  "%",
  "%FF",
  "__proto__",
  "constructor",
  "*",
  "%20",
  ".",
  "..",
];
const versions = ["1", "latest", "-1", "0", "99999999999", "1.5", "%31", "NaN", "LATEST"];
const segments = fc.oneof(
  fc.constantFrom(...subjects),
  fc.string({ unit: "grapheme" }).map(encodeURIComponentSafely),
  fc.string().map((text) => text.replace(/[\s/?#]/g, "")),
);

const schemaTexts = fc.oneof(
  fc.constantFrom(
    '"int"',
    "{}",
    "",
    '{"type":"record","name":"R","fields":[]}',
    "[",
    "null",
    '"R"',
  ),
  fc.json(),
  fc.string(),
);
const references = fc.array(
  fc.record({ name: fc.string(), subject: fc.constantFrom("s", "x"), version: fc.integer() }),
  { maxLength: 3 },
);
const bodies = fc.oneof(
  fc.record({ schema: schemaTexts }).map((body) => JSON.stringify(body)),
  fc
    .record(
      {
        schema: schemaTexts,
        schemaType: fc.oneof(fc.constantFrom("AVRO", "JSON", "PROTOBUF"), fc.string()),
        references,
        metadata: fc.record({ properties: fc.dictionary(fc.string(), fc.string()) }),
        ruleSet: fc.record({
          domainRules: fc.array(fc.record({ name: fc.string(), kind: fc.constant("CONDITION") })),
        }),
        version: fc.integer(),
        id: fc.integer(),
        compatibility: fc.oneof(fc.constantFrom("FULL", "none"), fc.string()),
        mode: fc.oneof(fc.constantFrom("IMPORT", "READONLY", "READWRITE"), fc.string()),
        alias: fc.string(),
        newVersion: fc.integer(),
      },
      { requiredKeys: [] },
    )
    .map((body) => JSON.stringify(body)),
  fc
    .record({
      items: fc.array(
        fc.record({
          subject: fc.constantFrom("s", "x", "", "\0", ":.x:s"),
          schema: schemaTexts,
          references,
        }),
        { maxLength: 3 },
      ),
      dryRun: fc.boolean(),
    })
    .map((body) => JSON.stringify(body)),
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  fc.constant("[".repeat(100_000)),
  fc.integer({ min: 0, max: 300_000 }).map((length) => "x".repeat(length)),
);

const headers = fc.dictionary(
  fc.constantFrom(
    "Accept",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "X-Request-ID",
    "Confluent-Accept-Unknown-Properties",
    "Expect",
    "Content-Encoding",
    "X-Forward",
    "X-Client-Id",
    "Authorization",
    "Last-Event-ID",
    "Cookie",
  ),
  fc.oneof(
    fc.constantFrom(
      ...MEDIA_TYPES,
      "text/html",
      "*/*",
      "application/*;q=0",
      "true",
      '"1-x"',
      "gzip",
    ),
    fc.string().map((text) => text.replace(/[^\x20-\x7e]/g, "")),
  ),
  { maxKeys: 4 },
);

const queries = fc.array(
  fc.tuple(
    fc.constantFrom(
      "deleted",
      "permanent",
      "limit",
      "offset",
      "subject",
      "subjectPrefix",
      "format",
      "key",
      "value",
      "verbose",
      "force",
      "normalize",
      "findTags",
      "latestOnly",
      "recursive",
      "since",
      "field",
      "type",
      "doc",
      "dryRun",
      "__proto__",
    ),
    fc.oneof(
      fc.constantFrom("true", "1", "-1", "x", "", "%", "99999999999"),
      fc.string().map((text) => text.replace(/[\s#]/g, "")),
    ),
  ),
  { maxLength: 3 },
);

/** One request: everything that a client can choose. */
export const requests = fc.record({
  method: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom("PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE") },
  ),
  row: fc.constantFrom(...rows),
  prefix: fc.constantFrom("", "", "", "/contexts/.x", "/contexts/a%3Ab", "/contexts/%"),
  segments: fc.array(segments, { minLength: 3, maxLength: 3 }),
  version: fc.constantFrom(...versions),
  queries,
  headers,
  body: bodies,
});
type FuzzRequest = typeof requests extends fc.Arbitrary<infer T> ? T : never;

/** Sends it and checks: never a 500, and an error is the API's error body. */
export async function checkRequest(url: string, request: FuzzRequest): Promise<void> {
  const { row, prefix, version, body } = request;
  const values = [...request.segments];
  const path = row.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    name === "version" || name === "id" ? version : (values.pop() ?? ""),
  );
  const pairs = request.queries.map(([name, value]) => `${name}=${value}`);
  // A stream of changes that goes on would not end.
  const query = [...(row.path === "/changes" ? ["once=true"] : []), ...pairs].join("&");
  const method = request.method ?? row.method;
  const head = requestHead(method, `${prefix}${path}?${query}`, {
    ...request.headers,
    "Content-Length": String(Buffer.byteLength(body)),
  });
  const answer = await sendRaw(url, head, body);
  const seen = JSON.stringify({
    head,
    body: String(body).slice(0, 300),
    answer: answer.body.slice(0, 300),
  });
  expect([200, 204, 304, 400, 404, 405, 406, 409, 412, 413, 415, 417, 422], seen).toContain(
    answer.status,
  );
  if (answer.status < 400 || method === "HEAD" || answer.status === 417) return;
  const error = JSON.parse(answer.body) as { error_code: unknown; message: unknown };
  // A batch that was refused lists its items as well.
  const members = row.path === "/batch" ? Object.keys(error).slice(0, 2) : Object.keys(error);
  expect(members, seen).toEqual(["error_code", "message"]);
  expect([typeof error.error_code, typeof error.message], seen).toEqual(["number", "string"]);
}

/** Text with half a surrogate pair cannot be percent-encoded. */
function encodeURIComponentSafely(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return "s";
  }
}
