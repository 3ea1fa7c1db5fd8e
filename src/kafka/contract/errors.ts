import { defineErrors } from "../../base/index.ts";

/** Errors of the typed clients. */
export const kafkaErrors = defineErrors({
  KAFKA_ALREADY_RUNNING: {
    message: "the consumer of group {group} runs already",
    hint: "A consumer runs one handler, once; create another consumer for another handler.",
  },
  KAFKA_CLOSED: {
    message: "the {client} is closed",
    hint: "Create a new one; a closed client can't be used again.",
  },
  KAFKA_DELIVERY_FAILED: {
    message:
      "{failed} of {count} records for topic {topic} were not delivered; the first: {reason}",
    hint: "Records that did arrive stay; `details.failedIndexes` says which ones did not.",
  },
  KAFKA_DRAIN_TIMEOUT: {
    message: "handlers of {partitions} did not finish within {timeoutMs} ms",
    hint: "Their records are not committed and come again; make handlers shorter, heed the signal, or raise stopTimeoutMs.",
  },
  KAFKA_FORWARD_FAILED: {
    message:
      "the record of {topic}/{partition} at offset {offset}, which failed at stage {stage}, can't be sent to {to}: {reason}",
    hint: "Nothing was skipped: after a restart the group goes on with this record. Check that {to} exists and that this client may write to it.",
  },
  KAFKA_FORWARD_UNAVAILABLE: {
    message:
      "the record of {topic}/{partition} at offset {offset}, which failed at stage {stage}, can't be sent to {to} yet: {reason}",
    hint: "The brokers do not answer; the consumer waits for them and tries again.",
    retriable: true,
  },
  KAFKA_HANDLER_FAILED: {
    message:
      "the handler failed on {topic}/{partition} at offset {offset} (schema id {schemaId}): {reason}",
    hint: "Nothing was skipped: after a restart the group goes on with this record.",
  },
  KAFKA_NOT_ASSIGNED: {
    message: "partition {topic}/{partition} is not assigned to this consumer",
    hint: "Wait for `assigned`, and take partitions from `assignment()`; another member of the group may own it.",
  },
  KAFKA_OPTION_INVALID: {
    message: "{option} {value} is not valid: {reason}",
    hint: "Correct the option; its documentation names unit and default.",
  },
  KAFKA_PARTITION_INVALID: {
    message: "partition {partition} is not one of the {count} partitions of topic {topic}",
    hint: "Partitions count from 0; look at the partitioner or the record's `partition`.",
  },
  KAFKA_RECORD_INVALID: {
    message: "the {part} of a record for topic {topic} can't be sent: {reason}",
    hint: "The value does not have the type of the topic's descriptor.",
  },
  KAFKA_RULE_UNSUPPORTED: {
    message:
      "the {part} of {place} has schema {schemaId} of subject {subject}, whose rule {rule} (type {type}, mode {mode}) can't be run here",
    hint: "Values would be wrong without it. Use a client that runs such rules, or, when the service can do without, add {type} to ignoreRules.",
  },
  KAFKA_SCHEMA_NOT_REGISTERED: {
    message: "the {part} schema of topic {topic} is not registered under subject {subject}",
    hint: "Register it (POST /subjects/{subject}/versions) before this version of the service starts.",
  },
  KAFKA_SCHEMA_UNAVAILABLE: {
    message:
      "the registry refused schema id {schemaId} of {topic}/{partition} at offset {offset}: {reason}",
    hint: "Nothing was skipped; mend the access to the registry and start again.",
  },
  KAFKA_TOPIC_NOT_FOUND: {
    message: "topic {topic} does not exist",
    hint: "Create it first, for example with createTopics of createAdmin().",
  },
  KAFKA_UNDECODABLE_RECORD: {
    message:
      "the {part} of {topic}/{partition} at offset {offset} (schema id {schemaId}) can't be read: {reason}",
    hint: "Nothing was skipped: after a restart the group goes on with this record. The cause says what is wrong with it.",
  },
  KAFKA_VERSION_UNREADABLE: {
    message:
      "version {version} of subject {subject} can't be read as the type of topic {topic}: {reason}",
    hint: "Generate the types from a schema that reads it, or, when no such records are left, turn checkVersions off.",
  },
});
