import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { requestHead, sendRaw } from "./raw-http.ts";
import { spyServer } from "./spy-service.ts";

let spy: Awaited<ReturnType<typeof spyServer>>;
beforeAll(async () => {
  spy = await spyServer();
});
afterAll(() => spy.server.close());
beforeEach(() => {
  spy.calls.length = 0;
  spy.answer = {};
});

const body = { schema: '"int"' };

/** method, target, body, what the service was asked */
const requests: readonly (readonly [string, string, object | undefined, string, ...unknown[]])[] = [
  ["GET", "/subjects", undefined, "subjects", {}],
  [
    "GET",
    "/subjects?subjectPrefix=a&deleted=true&deletedOnly=TRUE&offset=2&limit=3",
    undefined,
    "subjects",
    { subjectPrefix: "a", deleted: true, deletedOnly: true, offset: 2, limit: 3 },
  ],
  ["POST", "/subjects/s", body, "lookup", "s", body, {}],
  [
    "POST",
    "/subjects/s?normalize=true&format=resolved&deleted=true",
    body,
    "lookup",
    "s",
    body,
    { normalize: true, format: "resolved", deleted: true },
  ],
  [
    "GET",
    "/subjects/s/metadata?key=a&value=1&key=b&value=2&deleted=true",
    undefined,
    "latestWithMetadata",
    "s",
    [
      ["a", "1"],
      ["b", "2"],
    ],
    { deleted: true },
  ],
  ["DELETE", "/subjects/s?permanent=true", undefined, "deleteSubject", "s", { permanent: true }],
  [
    "GET",
    "/subjects/s/versions?deletedAsNegative=true&deletedOnly=1",
    undefined,
    "versions",
    "s",
    { deletedAsNegative: true, deletedOnly: false },
  ],
  ["POST", "/subjects/s/versions?force=true", body, "register", "s", body, { force: true }],
  [
    "GET",
    "/subjects/s/versions/latest?findTags=a&findTags=b&referenceFormat=qualified",
    undefined,
    "version",
    "s",
    "latest",
    { findTags: ["a", "b"], referenceFormat: "qualified" },
  ],
  ["GET", "/subjects/s/versions/1/schema?format=", undefined, "version", "s", "1", { format: "" }],
  ["GET", "/subjects/s/versions/-1/referencedby", undefined, "referencedBy", "s", "-1", {}],
  ["DELETE", "/subjects/s/versions/2", undefined, "deleteVersion", "s", "2", {}],
  [
    "POST",
    "/subjects/s/versions/2/tags",
    { newVersion: 3 },
    "tagVersion",
    "s",
    "2",
    { newVersion: 3 },
  ],
  ["GET", "/schemas", undefined, "schemas", { limit: 1000 }],
  [
    "GET",
    "/schemas?latestOnly=true&aliases=true&ruleType=CEL&limit=1001&offset=-1",
    undefined,
    "schemas",
    { latestOnly: true, aliases: true, ruleType: "CEL", limit: 1000 },
  ],
  [
    "GET",
    "/schemas/ids/7?fetchMaxId=true&subject=s",
    undefined,
    "schemaById",
    7,
    { fetchMaxId: true, subject: "s" },
  ],
  ["GET", "/schemas/ids/7/schema", undefined, "schemaById", 7, {}],
  ["GET", "/schemas/ids/-7/subjects?limit=0", undefined, "subjectsOfId", -7, {}],
  ["GET", "/schemas/ids/+7/versions?limit=", undefined, "versionsOfId", 7, {}],
  ["GET", "/schemas/guids/g-1", undefined, "schemaByGuid", "g-1", {}],
  ["GET", "/schemas/guids/g-1/ids", undefined, "idsOfGuid", "g-1"],
  [
    "POST",
    "/compatibility/subjects/s/versions/3?verbose=true",
    body,
    "testCompatibility",
    "s",
    "3",
    body,
    { verbose: true },
  ],
  [
    "POST",
    "/compatibility/subjects/s/versions?normalize=true",
    body,
    "testCompatibility",
    "s",
    undefined,
    body,
    { normalize: true },
  ],
  [
    "GET",
    "/config?defaultToGlobal=true",
    undefined,
    "config",
    undefined,
    { defaultToGlobal: true },
  ],
  [
    "PUT",
    "/config",
    { compatibility: "FULL" },
    "updateConfig",
    undefined,
    { compatibility: "FULL" },
  ],
  ["DELETE", "/config", undefined, "deleteConfig", undefined],
  ["GET", "/config/s", undefined, "config", "s", {}],
  ["PUT", "/config/s", { alias: null }, "updateConfig", "s", { alias: null }],
  ["DELETE", "/config/s", undefined, "deleteConfig", "s"],
  ["GET", "/mode", undefined, "mode", undefined, {}],
  [
    "PUT",
    "/mode?force=true",
    { mode: "IMPORT" },
    "updateMode",
    undefined,
    "IMPORT",
    { force: true },
  ],
  ["DELETE", "/mode?recursive=true", undefined, "deleteMode", undefined, { recursive: true }],
  ["GET", "/mode/s", undefined, "mode", "s", {}],
  ["PUT", "/mode/s", { mode: null }, "updateMode", "s", null, {}],
  ["DELETE", "/mode/s", undefined, "deleteMode", "s", {}],
  ["GET", "/contexts?contextPrefix=.a", undefined, "contexts", { contextPrefix: ".a" }],
  ["DELETE", "/contexts/.x", undefined, "deleteContext", ".x"],
  ["POST", "/subjects/s/undelete", undefined, "undeleteSubject", "s"],
  ["POST", "/subjects/s/versions/2/undelete", undefined, "undeleteVersion", "s", "2"],
  ["POST", "/subjects/s/plan?normalize=true", body, "plan", "s", body, { normalize: true }],
];

/** Sends the target exactly as written. */
function send(method: string, target: string, json?: object) {
  const text = json === undefined ? "" : JSON.stringify(json);
  const length = { "Content-Length": String(Buffer.byteLength(text)) };
  return sendRaw(spy.url, requestHead(method, target, json === undefined ? {} : length), text);
}

describe("each route asks the service", () => {
  test.each(
    requests.map(([method, target, json, called, ...args]) => ({
      method,
      target,
      json,
      called,
      args,
    })),
  )("$method $target", async ({ method, target, json, called, args }) => {
    spy.answer = { schema: '"int"' };
    expect((await send(method, target, json)).status).toBe(200);
    expect(spy.calls).toEqual([{ method: called, args }]);
  });
});

describe("a subject in the path", () => {
  test.each([
    ["a%2Fb", "a/b"],
    ["%2F", "/"],
    ["a%252Fb", "a%2Fb"],
    ["100%25", "100%"],
    ["%20a%20b%20", " a b "],
    ["%C3%BC%E2%82%AC%F0%9F%98%80", "ü€😀"],
    ["a+b", "a+b"],
    ["*", "*"],
    [":.ctx:s", ":.ctx:s"],
    ["%3A.ctx%3As", ":.ctx:s"],
    ["a;b=c", "a;b=c"],
    ["a%3Fb%23c", "a?b#c"],
    ["__proto__", "__proto__"],
    ["a%00b", "a\0b"],
    ["%2E%2E", ".."],
    ["versions", "versions"],
    ["x".repeat(10_000), "x".repeat(10_000)],
  ])("%s is %j", async (segment, subject) => {
    spy.answer = [1];
    expect((await send("GET", `/subjects/${segment}/versions`)).status).toBe(200);
    expect(spy.calls).toEqual([{ method: "versions", args: [subject, {}] }]);
  });
});

describe("under /contexts/{context}", () => {
  test.each([
    ["GET", "/contexts/.x/subjects", "subjects", [{ subjectPrefix: ":.x:" }]],
    ["GET", "/contexts/x/subjects?subjectPrefix=a", "subjects", [{ subjectPrefix: ":.x:a" }]],
    ["GET", "/contexts/./subjects/s/versions", "versions", [":.:s", {}]],
    ["GET", "/contexts/.x/subjects/s%2F1/versions", "versions", [":.x:s/1", {}]],
    ["GET", "/contexts/.x/subjects/:.y:s/versions", "versions", [":.y:s", {}]],
    ["GET", "/contexts/:.full:/subjects", "subjects", [{ subjectPrefix: ":.full:" }]],
    ["GET", "/contexts/%3A.full%3A/subjects/s/versions", "versions", [":.full:s", {}]],
    ["GET", "/contexts/:bare:/config", "config", [":.bare:", {}]],
    ["GET", "/contexts/:.:/subjects/s/versions", "versions", [":.:s", {}]],
    ["GET", "/contexts/.x/schemas/ids/3", "schemaById", [3, { subject: ":.x:" }]],
    ["GET", "/contexts/.x/schemas/ids/3?subject=s", "schemaById", [3, { subject: ":.x:s" }]],
    ["GET", "/contexts/.x/config", "config", [":.x:", {}]],
    ["GET", "/contexts/.x/config/s", "config", [":.x:s", {}]],
    ["DELETE", "/contexts/.x/mode", "deleteMode", [":.x:", {}]],
    ["GET", "/contexts/%2Ex/mode/", "mode", [":.x:", {}]],
    ["DELETE", "/contexts/.x/", "deleteContext", [".x"]],
    ["DELETE", "/contexts/.x?a=/b", "deleteContext", [".x"]],
    ["DELETE", "/contexts/:.x:", "deleteContext", [":.x:"]],
    ["DELETE", "/contexts/%3A.x%3A/", "deleteContext", [":.x:"]],
  ])("%s %s means %s(%j)", async (method, target, called, args) => {
    spy.answer = called === "schemaById" ? { schema: '"int"' } : [];
    await send(method, target);
    expect(spy.calls).toEqual([{ method: called, args }]);
  });

  test("a compatibility test is with a version of the context's subject", async () => {
    spy.answer = { is_compatible: true };
    await send("POST", "/contexts/.x/compatibility/subjects/s/versions/3?verbose=true", body);
    expect(spy.calls).toEqual([
      { method: "testCompatibility", args: [":.x:s", "3", body, { verbose: true }] },
    ]);
  });

  test.each(["/contexts/.a%3Ab/subjects", "/contexts/::.a:/subjects", "/contexts/.a:b:/subjects"])(
    "a colon inside the context of %s is a 400",
    async (target) => {
      expect((await send("GET", target)).status).toBe(400);
      expect(spy.calls).toEqual([]);
    },
  );
});

describe("what no route takes", () => {
  const notFound = '{"error_code":404,"message":"HTTP 404 Not Found"}';
  test.each([
    ["GET", "/nothing"],
    ["GET", "/subjects/s/nothing"],
    ["GET", "/subjects//versions"],
    ["GET", "/schemas/ids/abc"],
    ["GET", "/schemas/ids/1.0"],
    ["GET", "/schemas/ids/2147483648"],
    ["GET", "/schemas/ids/1/nothing"],
    ["GET", "/subjects?limit=abc"],
    ["GET", "/associations/subjects/s"],
    ["GET", "/associations/resources/ns/name"],
    ["POST", "/associations"],
    ["POST", "/associations:batchGet"],
    ["GET", "/exporters"],
    ["GET", "/dek-registry/v1/keks"],
    ["OPTIONS", "/nothing"],
  ])("%s %s is a 404 in the API's form", async (method, target) => {
    const answer = await send(method, target);
    expect([answer.status, answer.body]).toEqual([404, notFound]);
    expect(answer.headers.get("content-type")).toBe("application/vnd.schemaregistry.v1+json");
  });

  test.each([
    ["PUT", "/subjects", "GET, HEAD, OPTIONS"],
    ["POST", "/config", "DELETE, GET, HEAD, OPTIONS, PUT"],
    ["PATCH", "/subjects/s/versions", "GET, HEAD, OPTIONS, POST"],
    ["GET", "/subjects/s", "DELETE, OPTIONS, POST"],
    ["GET", "/contexts/.x", "DELETE, OPTIONS"],
    ["PUT", "/contexts/.x/subjects", "GET, HEAD, OPTIONS"],
    ["POST", "/metrics", "GET, HEAD, OPTIONS"],
    ["PROPFIND", "/", "GET, HEAD, OPTIONS, POST"],
  ])("%s %s is a 405 that names the methods", async (method, target, allow) => {
    const answer = await send(method, target);
    expect([answer.status, answer.body, answer.headers.get("allow")]).toEqual([
      405,
      '{"error_code":405,"message":"HTTP 405 Method Not Allowed"}',
      allow,
    ]);
  });

  test("OPTIONS names the methods", async () => {
    const answer = await send("OPTIONS", "/config/s");
    expect([answer.status, answer.headers.get("allow")]).toEqual([
      204,
      "DELETE, GET, HEAD, OPTIONS, PUT",
    ]);
  });

  test("HEAD answers as GET without the body", async () => {
    spy.answer = ["s"];
    const answer = await send("HEAD", "/subjects");
    expect([answer.status, answer.headers.get("content-length"), answer.body]).toEqual([
      200,
      "5",
      "",
    ]);
  });

  test("a slash at the end does not matter", async () => {
    spy.answer = ["s"];
    expect((await send("GET", "/subjects/")).body).toBe('["s"]');
  });
});
