import { expect, test } from "vitest";
import { repeatOf } from "../../src/client/repeat.ts";

const VERSIONS = "/subjects/s/versions";
const schema = '"int"';

test.each<[string, string, object, "always" | "unsent"]>([
  ["GET", "/subjects", {}, "always"],
  ["HEAD", "/subjects", {}, "always"],
  ["DELETE", "/subjects/s", {}, "unsent"],
  ["PUT", "/config", {}, "always"],
  ["PUT", "/mode/s?force=true", {}, "always"],
  ["PUT", "/contexts/.a/config/s", {}, "always"],
  ["PUT", "/other", {}, "unsent"],
  ["POST", "/subjects/s", { body: { schema } }, "always"],
  ["POST", "/compatibility/subjects/s/versions/latest", { body: { schema } }, "always"],
  ["POST", "/subjects/s/plan", { body: { schema } }, "always"],
  ["POST", "/subjects/s/undelete", { body: {} }, "unsent"],
  ["POST", VERSIONS, { body: { schema } }, "always"],
  ["POST", `/contexts/.a${VERSIONS}`, { body: { schema } }, "always"],
  ["POST", VERSIONS, {}, "unsent"],
  ["POST", VERSIONS, { body: { schema }, headers: { "if-match": '"1"' } }, "unsent"],
  ["POST", VERSIONS, { body: { schema }, headers: { "If-Match": '"1"' } }, "unsent"],
  ["POST", VERSIONS, { body: { schema, schemaTagsToAdd: [{}] } }, "unsent"],
  ["POST", VERSIONS, { body: { schema, schemaTagsToRemove: [{}] } }, "unsent"],
  ["POST", VERSIONS, { body: { schema, version: 2 } }, "unsent"],
  ["POST", VERSIONS, { body: { schema, version: 2, id: 7 } }, "always"],
  ["POST", VERSIONS, { body: { schema, version: -1 } }, "always"],
])("%s %s with %j is sent again %s", (method, path, request, expected) => {
  expect(repeatOf(method, path, request)).toBe(expected);
});
