import { defineErrors, installCommands, rebuildCommands } from "../base/index.ts";

/** The package, and the release of it that this version of typewire is tested with. */
export const BINDING = { name: "node-rdkafka", version: "3.6.1" } as const;

const REBUILD = rebuildCommands(BINDING.name);

/** Errors of the Kafka client itself; `details.kafkaCode` is librdkafka's numeric code. */
export const rdkafkaErrors = defineErrors({
  RDKAFKA_CONNECT_FAILED: {
    message: "no connection to Kafka at {brokers} within {timeoutMs} ms: {reason}",
    hint: "Check the addresses, that a broker is running, and that it advertises an address that this machine reaches.",
    retriable: true,
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
    hint: "The cluster is unreachable or in transition; the same call can succeed later.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
    retriable: true,
  },
  RDKAFKA_FATAL: {
    message: "the Kafka client can't go on with {action}: {reason} (code {kafkaCode})",
    hint: "This client instance is finished: close it and create another one; end the process when it happens again.",
    details: { action: "string", reason: "string", kafkaCode: "number" },
  },
  RDKAFKA_FENCED: {
    message:
      "another producer took over the transactional id: {action} is not possible any more: {reason} (code {kafkaCode})",
    hint: "Unless its commit was under way, nothing of the open transaction is visible to read_committed readers. End this process, or give each one a transactional id of its own.",
  },
  RDKAFKA_HEADER_INVALID: {
    message: "header {name} can't be sent: {reason}",
    hint: "Headers are text without NUL; encode binary values as base64.",
  },
  RDKAFKA_OPTION_INVALID: {
    message: "the embedded Kafka's option {option} {value} is not valid: {reason}",
    hint: "Correct the option; its documentation names unit and default.",
  },
  RDKAFKA_SETTING_INVALID: {
    message: "librdkafka does not take these settings: {reason}",
    hint: "Correct or remove the setting; CONFIGURATION.md of librdkafka lists names and values.",
  },
  RDKAFKA_SETTING_REFUSED: {
    message: "setting {name} can't be changed: {reason}",
    hint: "Remove it from `librdkafka`; the clients rely on its value.",
  },
  RDKAFKA_CLOSED: {
    message: "the Kafka client is closed, {action} is not possible",
    hint: "Create a new client; a closed one can't be used again.",
  },
  RDKAFKA_CLOSE_TIMEOUT: {
    message:
      "the Kafka client did not close within {timeoutMs} ms; {pending} records had no delivery report",
    hint: "The broker did not answer in time; records without a report may or may not be in the topic.",
  },
});
