/** Lines of librdkafka's log, as release 2.12 wrote them against real brokers. */
import { describe, expect, test } from "vitest";
import { rowOf, Troubles, troubleIn } from "../../src/rdkafka/reasons.ts";

const line = (broker: string, text: string): string => `[thrd:${broker}]: ${broker}: ${text}`;

describe("a line about a connection", () => {
  test.each([
    [
      "sasl_plaintext://b:1/bootstrap",
      "SASL authentication error: Authentication failed: Invalid username or password (after 303ms in state AUTH_REQ, 1 identical error(s) suppressed)",
      "log-in",
    ],
    [
      "sasl_ssl://b:1/7",
      "SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: PLAIN (after 1ms in state AUTH_HANDSHAKE)",
      "log-in",
    ],
    [
      "sasl_plaintext://b:1/bootstrap",
      "SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's supported mechanisms:  (after 1ms in state AUTH_HANDSHAKE)",
      "log-in",
    ],
    [
      "ssl://b:1/bootstrap",
      "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified, verify that ssl.ca.location is correctly configured or root CA certificates are installed (install ca-certificates package) (after 100ms in state SSL_HANDSHAKE)",
      "tls",
    ],
    [
      "ssl://b:1/bootstrap",
      "SSL handshake failed: error:0A00010B:SSL routines::wrong version number (after 3ms in state SSL_HANDSHAKE)",
      "tls",
    ],
    [
      "ssl://b:1/bootstrap",
      "SSL handshake failed: Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker listener? (after 8ms in state SSL_HANDSHAKE)",
      "hung up",
    ],
    [
      "b:1/bootstrap",
      "Disconnected: connection closed by peer: receive 0 after POLLIN (after 55ms in state APIVERSION_QUERY)",
      "hung up",
    ],
    [
      "127.0.0.1:9/1",
      "Connect to ipv4#127.0.0.1:9 failed: Connection refused (after 0ms in state CONNECT)",
      "unreached",
    ],
    [
      "no.such:9092/bootstrap",
      "Failed to resolve 'no.such:9092': Name or service not known (after 1ms in state CONNECT)",
      "unreached",
    ],
    [
      "ssl://[::1]:9092/bootstrap",
      "Connection setup timed out in state SSL_HANDSHAKE (after 30028ms in state SSL_HANDSHAKE)",
      "unreached",
    ],
    [
      "sasl_plaintext://b:1/2",
      "SASL authentication error: SaslAuthenticateRequest failed: Local: Timed out (after 10000ms in state AUTH_REQ)",
      "unreached",
    ],
    [
      "sasl_plaintext://b:1/2",
      "SASL authentication error: SaslAuthenticateRequest failed: Local: Broker transport failure (after 5ms in state AUTH_REQ)",
      "unreached",
    ],
  ] as const)("of %s: %s", (broker, text, kind) => {
    const found = troubleIn("FAIL", line(broker, text));
    expect(found).toMatchObject({ kind, advertised: !broker.endsWith("bootstrap") });
    expect(found?.broker).toBe(broker.replace(/^\w+:\/\//, "").replace(/\/\w+$/, ""));
    expect(text.startsWith(found?.reason ?? "?")).toBe(true);
    expect(found?.reason).not.toMatch(/in state \w+(?:,[^)]*)?\)$/);
    // `log.thread.name` leaves the first part out.
    expect(troubleIn("FAIL", `${broker}: ${text}`)).toEqual(found);
  });

  test.each([
    ["REQTMOUT", line("b:1/1", "Timed out")],
    ["FAIL", "nothing that is known"],
  ])("is none: %s %s", (facility, text) => {
    expect(troubleIn(facility, text)).toBeUndefined();
  });
});

const refused = "SASL authentication error: Authentication failed (after 3ms in state AUTH_REQ)";
const nobody = "Connect to ipv4#1.2.3.4:1 failed: Connection refused (after 0ms in state CONNECT)";
const untrusted =
  "SSL handshake failed: certificate verify failed (after 1ms in state SSL_HANDSHAKE)";

describe("what is known of the brokers", () => {
  test("each one has its newest reason, and a reason that explains more stays", () => {
    const troubles = new Troubles();
    troubles.note("FAIL", line("a:1/bootstrap", nobody));
    troubles.note("FAIL", line("a:1/bootstrap", untrusted));
    troubles.note(
      "FAIL",
      line("a:1/bootstrap", "certificate verify failed (after 1ms in state SSL_HANDSHAKE)"),
    );
    troubles.note("FAIL", line("a:1/bootstrap", nobody));
    troubles.note("FAIL", line("b:1/2", nobody));
    expect(troubles.reason).toBe(
      "a:1: SSL handshake failed: certificate verify failed; b:1: Connect to ipv4#1.2.3.4:1 failed: Connection refused",
    );
    troubles.clear();
    expect(troubles.reason).toBeUndefined();
  });

  test.each([
    [[refused], 1, true, "RDKAFKA_AUTHENTICATION_FAILED"],
    [[untrusted], 1, true, "RDKAFKA_TLS_FAILED"],
    [[refused, untrusted], 2, true, "RDKAFKA_AUTHENTICATION_FAILED"],
    [[refused], 2, false, "RDKAFKA_AUTHENTICATION_FAILED"],
    [[refused, nobody], 2, false, "RDKAFKA_CONNECT_FAILED"],
    [[nobody], 1, false, "RDKAFKA_CONNECT_FAILED"],
    [[], 1, false, "RDKAFKA_CONNECT_FAILED"],
  ] as const)("%j of %d brokers: final %s, %s", (lines, brokers, isFinal, row) => {
    const troubles = new Troubles();
    for (const [i, text] of lines.entries()) {
      troubles.note("FAIL", line(`b${i}:1/bootstrap`, text));
    }
    expect(troubles.areFinal(brokers)).toBe(isFinal);
    expect(rowOf(troubles.all)).toBe(row);
  });

  test("no password, key or token of the settings is in a reason", () => {
    const settings = {
      "sasl.password": "sesame",
      "ssl.key.password": "key-pass",
      "sasl.oauthbearer.client.secret": "client-secret",
      "sasl.oauthbearer.config": "principal=admin",
      "ssl.key.pem": "-----BEGIN KEY-----",
    };
    const troubles = new Troubles(settings);
    const said = Object.values(settings).join(" and ");
    troubles.note("FAIL", line("b:1/1", `SASL failed with ${said}`));
    expect(troubles.reason).toBe("b:1: SASL failed with *** and *** and *** and *** and ***");
  });

  test("the first fatal line is kept", () => {
    const troubles = new Troubles();
    const fatal = "Broker: Cluster authorization failed: Failed to acquire idempotence PID";
    troubles.note("FATAL", `[thrd:main]: Fatal error: ${fatal}`);
    troubles.note("FATAL", "[thrd:main]: Fatal error: Local: Other");
    expect(troubles.fatal).toBe(fatal);
  });
});
