// A load generator over raw sockets: one request in flight per connection, no pipelining, bytes
// prepared before. It measures the server, not an HTTP client.
import { connect } from "node:net";

/** The bytes of a request. */
export function requestBytes(method, target, body, headers = {}) {
  const lines = Object.entries({
    Host: "localhost",
    Accept: "application/vnd.schemaregistry.v1+json",
    ...(body === undefined
      ? {}
      : {
          "Content-Type": "application/vnd.schemaregistry.v1+json",
          "Content-Length": Buffer.byteLength(body),
        }),
    ...headers,
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n${body ?? ""}`);
}

/**
 * Sends `next()` on each of `connections` sockets, one after the other, until it yields `undefined`
 * or `forMs` is over. Answers count, duration and the sorted latencies in milliseconds.
 */
export async function load(url, { connections, next, forMs = Number.POSITIVE_INFINITY }) {
  const { hostname, port } = new URL(url);
  const latencies = [];
  const start = performance.now();
  const until = start + forMs;
  await Promise.all(
    Array.from({ length: connections }, () =>
      drive(hostname, Number(port), next, until, latencies),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  return {
    count: latencies.length,
    seconds,
    perSecond: latencies.length / seconds,
    latencies: latencies.sort((a, b) => a - b),
  };
}

function drive(hostname, port, next, until, latencies) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, noDelay: true });
    let sentAt = 0;
    let answer = Buffer.alloc(0);
    const sendNext = () => {
      const bytes = performance.now() < until ? next() : undefined;
      if (bytes === undefined) return socket.end();
      sentAt = performance.now();
      return socket.write(bytes);
    };
    socket.on("connect", sendNext);
    socket.on("error", reject);
    socket.on("close", resolve);
    socket.on("data", (chunk) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      const length = answerLength(answer);
      if (length === undefined || answer.length < length) return;
      if (answer[9] !== 0x32) {
        reject(new Error(`refused: ${answer.toString("utf8").slice(0, 400)}`));
        socket.destroy();
        return;
      }
      latencies.push(performance.now() - sentAt);
      answer = Buffer.alloc(0);
      sendNext();
    });
  });
}

/** Bytes of a whole answer, or `undefined` while its head is not complete. */
function answerLength(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const match = /content-length: (\d+)/i.exec(bytes.latin1Slice(0, end));
  return end + 4 + Number(match?.[1] ?? 0);
}
