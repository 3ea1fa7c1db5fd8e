import { defineErrors, installCommands, rebuildCommands } from "../base/index.ts";

/** The package, and the release of it that this version of typewire is tested with. */
export const BINDING = { name: "node-rdkafka", version: "3.6.1" } as const;

const REBUILD = rebuildCommands(BINDING.name);

/** Errors of the Kafka client itself; `details.kafkaCode` is librdkafka's numeric code. */
export const rdkafkaErrors = defineErrors({
  RDKAFKA_CONNECT_FAILED: {
    message: "No connection to Kafka at {brokers} within {timeoutMs} ms: {reason}",
    hint: "Check the addresses, that a broker is running there, and that no firewall is in between.",
    retriable: true,
  },
  RDKAFKA_AUTHENTICATION_FAILED: {
    message: "Kafka at {brokers} refused the log-in: {reason}",
    hint: "Correct `sasl.mechanisms`, `sasl.username` and `sasl.password` in `librdkafka`; where no mechanism is supported, the listener wants no log-in, or another `security.protocol`.",
  },
  RDKAFKA_TLS_FAILED: {
    message: "No TLS connection to Kafka at {brokers}: {reason}",
    hint: "Set `ssl.ca.location` in `librdkafka` to the certificate that signed the brokers', and name the brokers as their certificates do.",
  },
  RDKAFKA_PROTOCOL_MISMATCH: {
    message: "Kafka at {brokers} hangs up on a client with security.protocol {protocol}: {reason}",
    hint: "The listener speaks another protocol: set `security.protocol` in `librdkafka` to plaintext, ssl, sasl_plaintext or sasl_ssl as the broker's listener has it, or use the port of another listener.",
  },
  RDKAFKA_ADVERTISED_UNREACHABLE: {
    message:
      "Kafka at {brokers} answers, but sends its clients to {advertised}, where nobody answers: {reason}",
    hint: "Set `advertised.listeners` of the brokers to addresses that this machine reaches; clients use the given ones only to ask for those.",
  },
  RDKAFKA_NOT_AUTHORIZED: {
    message: "Kafka does not allow {action}: {reason} (code {kafkaCode})",
    hint: "Give the client's user the rights: Read on a topic and its group to consume, Write to produce, and on the transactional id to send in transactions (kafka-acls.sh --add).",
    details: { action: "string", reason: "string", kafkaCode: "number", fatal: "boolean" },
  },
  RDKAFKA_NOT_ENOUGH_REPLICAS: {
    message: "{action} needs more in-sync replicas than there are: {reason} (code {kafkaCode})",
    hint: "Start the brokers that are down, or lower the topic's `min.insync.replicas`.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
    retriable: true,
  },
  RDKAFKA_RECORD_TOO_LARGE: {
    message: "{action} is too large: {reason} (code {kafkaCode})",
    hint: "Make the record smaller, or raise `message.max.bytes` in `librdkafka` and the topic's `max.message.bytes`.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
  },
  RDKAFKA_TOPIC_UNKNOWN: {
    message: "Kafka has no topic or partition for {action}: {reason} (code {kafkaCode})",
    hint: "Create the topic with `createAdmin()`; a topic that the client may not describe is unknown to it as well.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
  },
  RDKAFKA_NOT_INSTALLED: {
    message: "Kafka clients need the package node-rdkafka, which is not installed",
    hint: `Install it; it compiles librdkafka, which takes some minutes: ${installCommands(BINDING.name, BINDING.version)}.`,
  },
  RDKAFKA_NOT_BUILT: {
    message: "node-rdkafka is installed, but its native part was not compiled: {reason}",
    hint: `Let its install script run (on Debian after apt-get install python3 make g++ libssl-dev zlib1g-dev libzstd-dev): ${REBUILD}.`,
  },
  RDKAFKA_OTHER_NODE: {
    message: "node-rdkafka was compiled for another release of Node than {node}",
    hint: `Compile it for this one: ${REBUILD}.`,
  },
  RDKAFKA_NOT_LOADABLE: {
    message: "node-rdkafka can't be loaded: {reason}",
    hint: `Install the shared library that it names, or compile the package on this machine: ${REBUILD}.`,
  },
  RDKAFKA_IN_WORKER: {
    message: "Kafka clients don't work in a worker thread",
    hint: 'Create them in the main thread; node-rdkafka ends the whole process when a worker loads it. In vitest set `pool: "forks"`.',
  },
  RDKAFKA_FEATURE_MISSING: {
    message: "librdkafka was built without {feature}, which {what} needs",
    hint: `Install the headers it is built with (on Debian: apt-get install {packages}) and compile node-rdkafka again: ${REBUILD}.`,
  },
  RDKAFKA_REQUEST_FAILED: {
    message: "Kafka refused {action}: {reason} (code {kafkaCode})",
    hint: "The code is librdkafka's: negative ones come from the client, positive ones from the broker.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
  },
  RDKAFKA_UNAVAILABLE: {
    message: "{action} did not succeed: {reason} (code {kafkaCode})",
    hint: "The cluster is unreachable or in transition, or a topic has fewer in-sync replicas than its `min.insync.replicas`; the same call can succeed later.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
    retriable: true,
  },
  RDKAFKA_FATAL: {
    message: "The Kafka client can't go on with {action}: {reason} (code {kafkaCode})",
    hint: "This client instance is finished: close it and create another one; end the process when it happens again.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
  },
  RDKAFKA_FENCED: {
    message:
      "Another producer took over the transactional id: {action} is not possible any more: {reason} (code {kafkaCode})",
    hint: "Unless its commit was under way, nothing of the open transaction is visible to read_committed readers. End this process, or give each one a transactional id of its own.",
  },
  RDKAFKA_HEADER_INVALID: {
    message: "Header {name} can't be sent: {reason}",
    hint: "Headers are text without NUL; encode binary values as base64.",
  },
  RDKAFKA_OPTION_INVALID: {
    message: "The embedded Kafka's option {option} {value} is not valid: {reason}",
    hint: "Correct the option; its documentation names unit and default.",
  },
  RDKAFKA_SETTING_INVALID: {
    message: "librdkafka does not take these settings: {reason}",
    hint: "Correct or remove the setting; CONFIGURATION.md of librdkafka lists names and values.",
  },
  RDKAFKA_SETTING_REFUSED: {
    message: "A {client} does not take the setting {name}: {reason}",
    hint: "Remove it from `librdkafka`; {instead}.",
    details: { client: "string", name: "string", instead: "string" },
  },
  RDKAFKA_CLOSED: {
    message: "The Kafka client is closed, {action} is not possible",
    hint: "Create a new client; a closed one can't be used again.",
  },
  RDKAFKA_CLOSE_TIMEOUT: {
    message:
      "The Kafka client did not close within {timeoutMs} ms; {pending} records had no delivery report",
    hint: "The broker did not answer in time; records without a report may or may not be in the topic.",
  },
});
