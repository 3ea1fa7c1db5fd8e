/** What HTTP/1.1 itself refuses. */
import { STATUS_CODES } from "node:http";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerParserError } from "../../src/server/http-error.ts";
import { requestHead, sendRaw } from "./raw-http.ts";
import { spyServer } from "./spy-service.ts";

const V1 = "application/vnd.schemaregistry.v1+json";

let spy: Awaited<ReturnType<typeof spyServer>>;
beforeAll(async () => {
  spy = await spyServer();
});
afterAll(() => spy.server.close());

const head = (method: string, headers: Readonly<Record<string, string>>) =>
  requestHead(method, "/subjects/s", { Connection: "keep-alive", ...headers });
const chunked = { "Transfer-Encoding": "chunked" };

describe("what HTTP itself refuses has the API's form, and the connection is closed", () => {
  test.each<[what: string, status: number, text: string, said?: string]>([
    ["no Host", 400, "GET / HTTP/1.1\r\n\r\n", "The request has no Host header"],
    [
      "two Hosts",
      400,
      "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
      "The request has more than one Host header",
    ],
    ["a target that is no path", 400, "GET subjects HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["a version that is not spoken", 400, "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n"],
    ["the preface of HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a TLS hello", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["no HTTP at all", 400, "hello\r\n\r\n"],
    [
      "a control character in a header",
      400,
      "GET / HTTP/1.1\r\nHost: localhost\r\nX: \x01\r\n\r\n",
    ],
    ["a folded header line", 400, "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n"],
    ["two lengths", 400, head("POST", { "Content-Length": "1", "content-length": "2" })],
    ["a negative length", 400, head("POST", { "Content-Length": "-1" })],
    ["a length and chunks", 400, head("POST", { "Content-Length": "5", ...chunked })],
    ["an unknown transfer coding", 400, head("POST", { "Transfer-Encoding": "gzip" })],
    ["a chunk without a size", 400, `${head("POST", chunked)}zz\r\n`],
    ["a chunk of another size", 400, `${head("POST", chunked)}2\r\nabc\r\n`],
    ["long chunk extensions", 413, `${head("POST", chunked)}1;${"x".repeat(20_000)}\r\n`],
    ["an expectation that is none", 417, head("POST", { Expect: "x", "Content-Length": "2" })],
    ["a tunnel", 405, "CONNECT example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["headers over the limit", 431, head("GET", { X: "x".repeat(20_000) })],
    ["a long target", 431, requestHead("GET", `/${"x".repeat(20_000)}`)],
  ])("%s: %i", async (_what, status, text, said) => {
    const answer = await sendRaw(spy.url, text);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, V1]);
    expect(answer.headers.get("connection")).toBe("close");
    const message = said ?? `HTTP ${status} ${STATUS_CODES[status]}`;
    expect(JSON.parse(answer.body)).toEqual({ error_code: status, message });
    expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(answer.body)));
  });

  test.each(["TRACE", "PROPFIND", "PATCH", "M-SEARCH"])(
    "the method %s is a 405",
    async (method) => {
      const answer = await sendRaw(spy.url, requestHead(method, "/subjects"));
      expect([answer.status, answer.headers.get("allow"), answer.body]).toEqual([
        405,
        "GET, HEAD, OPTIONS",
        '{"error_code":405,"message":"HTTP 405 Method Not Allowed"}',
      ]);
    },
  );

  test("100-continue is met", async () => {
    spy.answer = { id: 1, version: 1, schema: "x" };
    const headers = { Expect: "100-continue", "Content-Length": "2" };
    const answer = await sendRaw(spy.url, requestHead("POST", "/subjects/s", headers), "{}");
    expect([answer.status, answer.body.split("\r\n")[0]]).toEqual([100, "HTTP/1.1 200 OK"]);
  });
});

describe("what comes while an answer is written", () => {
  test("is not answered inside of it: the stream is cut", async () => {
    const socket = connect(Number(new URL(spy.url).port), "127.0.0.1").setEncoding("utf8");
    let text = "";
    socket.on("data", (chunk: string) => {
      if (text === "") socket.write("garbage\r\n\r\n");
      text += chunk;
    });
    socket.write("GET /changes HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((resolve) => socket.once("close", resolve));
    expect(text.match(/HTTP\/1\.1/g)).toEqual(["HTTP/1.1"]);
    expect(text).not.toContain("error_code");
  });
});

describe("an error of the parser", () => {
  const answered = (code: string, more: object = {}) => {
    const socket = Object.assign(new PassThrough(), more);
    answerParserError(Object.assign(new Error(), { code }), socket as never);
    return { text: String(socket.read() ?? ""), isDestroyed: socket.destroyed };
  };

  test.each([
    ["ERR_HTTP_REQUEST_TIMEOUT", "408 Request Timeout"],
    ["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large"],
    ["HPE_ANYTHING_ELSE", "400 Bad Request"],
  ])("%s is a %s", (code, status) => {
    const { text } = answered(code);
    expect(text.split("\r\n")[0]).toBe(`HTTP/1.1 ${status}`);
    expect(text).toContain(`{"error_code":${status.slice(0, 3)},"message":"HTTP ${status}"}`);
  });

  test.each([
    ["ECONNRESET", {}],
    ["HPE_INVALID_METHOD", { _httpMessage: { headersSent: true } }],
  ])("%s of a connection that can't take an answer closes it", (code, more) => {
    expect(answered(code, more)).toEqual({ text: "", isDestroyed: true });
  });
});
