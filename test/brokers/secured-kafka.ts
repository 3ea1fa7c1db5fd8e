/**
 * A broker as companies run them: log-in, TLS and rights, each on a listener of its own, beside one
 * that advertises an address where nobody is.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startKafka } from "./cluster.mjs";
import { freePorts } from "./ports.mjs";
import { HOST } from "./settings.mjs";

/** Who may log in. */
export const USER = { name: "alice", password: "alice-opens-sesame" } as const;

/** A right, by the numbers of Kafka's protocol. */
export interface Right {
  readonly resource: keyof typeof RESOURCES;
  readonly name: string;
  readonly operation: keyof typeof OPERATIONS;
}

/** A running broker, with the address of each listener. */
export interface SecuredKafka {
  /** Everything is allowed there. */
  readonly open: string;
  readonly logIn: string;
  readonly tls: string;
  /** It tells clients to go where nobody listens. */
  readonly misled: string;
  /** PEM file with the certificate that clients of `tls` have to trust. */
  readonly certificate: string;
  /** Gives the user rights; all others are denied. */
  allow(...rights: readonly Right[]): Promise<void>;
  stop(): Promise<void>;
}

const RESOURCES = { topic: 2, group: 3, transaction: 5 } as const;
const OPERATIONS = { read: 3, write: 4, describe: 8 } as const;
const STORE_PASSWORD = "broker-store";

/** Starts it; needs `keytool`, which comes with Java. */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const folder = mkdtempSync(join(tmpdir(), "typewire-secured-"));
  const [logIn = 0, tls = 0, misled = 0, nowhere = 0] = await freePorts(4);
  const keystore = join(folder, "broker.p12");
  const certificate = join(folder, "broker.pem");
  await makeKeys(keystore, certificate);
  const plain = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  const kafka = await startKafka({
    settings: {
      listeners: `PLAINTEXT://${HOST}:{port},CONTROLLER://${HOST}:{controllerPort},LOGIN://${HOST}:${logIn},TLS://${HOST}:${tls},MISLED://${HOST}:${misled}`,
      "advertised.listeners": `PLAINTEXT://${HOST}:{port},LOGIN://${HOST}:${logIn},TLS://${HOST}:${tls},MISLED://${HOST}:${nowhere}`,
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_PLAINTEXT,TLS:SSL,MISLED:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN",
      "listener.name.login.plain.sasl.jaas.config": `${plain} user_${USER.name}="${USER.password}";`,
      "connection.failed.authentication.delay.ms": "1",
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
      "ssl.keystore.location": keystore,
      "ssl.keystore.password": STORE_PASSWORD,
      "ssl.keystore.type": "PKCS12",
    },
  });
  const open = kafka.brokers[0] as string;
  return {
    open,
    logIn: `${HOST}:${logIn}`,
    tls: `${HOST}:${tls}`,
    misled: `${HOST}:${misled}`,
    certificate,
    allow: (...rights) => createAcls(open, rights),
    async stop() {
      await kafka.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeKeys(keystore: string, certificate: string): Promise<void> {
  const store = ["-alias", "broker", "-keystore", keystore, "-storepass", STORE_PASSWORD];
  const keytool = (...args: readonly string[]): Promise<unknown> =>
    promisify(execFile)("keytool", [...args, ...store, "-J-XX:TieredStopAtLevel=1"]);
  const names = ["-dname", "CN=broker", "-ext", `san=ip:${HOST}`];
  await keytool("-genkeypair", "-keyalg", "EC", "-storetype", "PKCS12", "-validity", "2", ...names);
  await keytool("-exportcert", "-rfc", "-file", certificate);
}

const CREATE_ACLS = 30;
/** The newest version without tagged fields. */
const CREATE_ACLS_VERSION = 1;
const LITERAL = 3;
const ALLOW = 3;

/** The Kafka client of these tests can't give rights, so this speaks the protocol. */
async function createAcls(address: string, rights: readonly Right[]): Promise<void> {
  if (rights.length === 0) return;
  const parts = [int16(CREATE_ACLS), int16(CREATE_ACLS_VERSION), int32(1), int16(-1)];
  parts.push(int32(rights.length));
  for (const { resource, name, operation } of rights) {
    parts.push(Buffer.of(RESOURCES[resource]), text(name), Buffer.of(LITERAL));
    parts.push(text(`User:${USER.name}`), text("*"), Buffer.of(OPERATIONS[operation], ALLOW));
  }
  const body = Buffer.concat(parts);
  const [host, port] = address.split(":");
  const socket = connect({ host, port: Number(port) });
  socket.write(Buffer.concat([int32(body.length), body]));
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  // size, correlation id, throttle time, the number of results, the error of the first
  const code = answer.readInt16BE(16);
  if (code !== 0) throw new Error(`The broker did not take the rights: error ${code}.`);
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
