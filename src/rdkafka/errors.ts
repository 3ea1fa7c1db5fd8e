import { defineErrors } from "../errors.ts";

/** Errors of the Kafka client itself; `details.kafkaCode` is librdkafka's numeric code. */
export const rdkafkaErrors = defineErrors({
  RDKAFKA_CONNECT_FAILED: {
    message: "no connection to Kafka at {brokers} within {timeoutMs} ms: {reason}",
    hint: "Check the addresses, that a broker is running, and that it advertises an address that this machine reaches.",
    retriable: true,
  },
  RDKAFKA_REQUEST_FAILED: {
    message: "Kafka refused {action}: {reason} (code {kafkaCode})",
    hint: "The code is librdkafka's: negative ones come from the client, positive ones from the broker.",
  },
  RDKAFKA_UNAVAILABLE: {
    message: "{action} did not succeed: {reason} (code {kafkaCode})",
    hint: "The cluster is unreachable or in transition; the same call can succeed later.",
    retriable: true,
  },
  RDKAFKA_FATAL: {
    message: "the Kafka client can't go on with {action}: {reason} (code {kafkaCode})",
    hint: "This client instance is finished: close it and create another one; end the process when it happens again.",
  },
  RDKAFKA_HEADER_INVALID: {
    message: "header {name} can't be sent: {reason}",
    hint: "Headers are text without NUL; encode binary values as base64.",
  },
  RDKAFKA_SETTING_REFUSED: {
    message: "setting {name} can't be changed: {reason}",
    hint: "Remove it from `settings`; the clients rely on its value.",
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
