import { expect, test } from "vitest";
import { isConsumed, MEDIA_TYPES, negotiate } from "../../src/api/index.ts";

const [V1, V0, JSON_TYPE] = MEDIA_TYPES;

test.each([
  ["the most specific range decides", `*/*, ${V1};q=0.1, ${V0};q=0.1`, JSON_TYPE],
  ["equal qualities go to the server's order", `${JSON_TYPE};q=0.5, ${V0};q=0.5`, V0],
  ["a quality of 0 excludes", `${V1};q=0, */*`, V0],
  ["a quality that is no number excludes", `${V1};q=., ${JSON_TYPE}`, JSON_TYPE],
  ["blanks and case do not matter", `  APPLICATION/JSON ; Q=0.3 `, JSON_TYPE],
  ["nothing that fits is no type", "text/*", undefined],
])("%s: %s", (_rule, accept, type) => {
  expect(negotiate(accept)).toBe(type);
});

test("the same header is answered the same the second time", () => {
  const accept = "text/html, application/json;q=0.9";
  expect([negotiate(accept), negotiate(accept)]).toEqual([JSON_TYPE, JSON_TYPE]);
});

test.each([
  [undefined, true],
  ["", true],
  [" ; charset=utf-8", true],
  ["application/octet-stream", true],
  ["text/json", false],
])("a body of content type %j is read: %s", (type, read) => {
  expect(isConsumed(type)).toBe(read);
});
