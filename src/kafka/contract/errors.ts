import { defineErrors } from "../../base/index.ts";

/** Errors of the typed clients. */
export const kafkaErrors = defineErrors({
  KAFKA_ALREADY_RUNNING: {
    message: "The consumer of group {group} runs already",
    hint: "A consumer runs one handler, once; create another consumer for another handler.",
  },
  KAFKA_CLOSED: {
    message: "The {client} is closed",
    hint: "Create a new one; a closed client can't be used again.",
  },
  KAFKA_DELIVERY_FAILED: {
    message:
      "{failed} of {count} records for topic {topic} were not delivered; the first: {reason}",
    hint: "Records that did arrive stay; `details.failedIndexes` says which ones did not.",
    details: { topic: "string", failed: "number", count: "number", failedIndexes: "numbers" },
  },
  KAFKA_DRAIN_TIMEOUT: {
    message: "Handlers of {partitions} did not finish within {timeoutMs} ms",
    hint: "Their records are not committed and come again; make handlers shorter, heed the signal, or raise stopTimeoutMs.",
  },
  KAFKA_HANDLER_FAILED: {
    message:
      "The handler failed on {topic}/{partition} at offset {offset} (schema id {schemaId}): {reason}",
    hint: "Nothing was skipped: after a restart the group goes on with this record.",
    details: {
      topic: "string",
      partition: "number",
      offset: "number",
    },
  },
  KAFKA_OPTION_INVALID: {
    message: "{option} {value} is not valid: {reason}",
    hint: "Correct the option; its documentation names unit and default.",
  },
  KAFKA_PARTITION_INVALID: {
    message: "Partition {partition} is not one of the {count} partitions of topic {topic}",
    hint: "Partitions count from 0; look at the partitioner or the record's `partition`.",
    details: { topic: "string", partition: "number", count: "number" },
  },
  KAFKA_RECORD_INVALID: {
    message: "The {part} of a record for topic {topic} can't be sent: {reason}",
    hint: "The value does not have the type of the topic's descriptor.",
  },
  KAFKA_SCHEMA_NOT_REGISTERED: {
    message: "The {part} schema of topic {topic} is not registered under subject {subject}",
    hint: "Register it (POST /subjects/{subject}/versions) before this version of the service starts.",
  },
  KAFKA_SCHEMA_UNAVAILABLE: {
    message:
      "The registry refused schema id {schemaId} of {topic}/{partition} at offset {offset}: {reason}",
    hint: "Nothing was skipped; mend the access to the registry and start again.",
    details: {
      topic: "string",
      partition: "number",
      offset: "number",
    },
  },
  KAFKA_TOPIC_NOT_FOUND: {
    message: "Topic {topic} does not exist",
    hint: "Create it first, for example with createTopics of createAdmin().",
  },
  KAFKA_UNDECODABLE_RECORD: {
    message:
      "The {part} of {topic}/{partition} at offset {offset} (schema id {schemaId}) can't be read: {reason}",
    hint: "Nothing was skipped: after a restart the group goes on with this record. The cause says what is wrong with it.",
    details: {
      part: "string",
      topic: "string",
      partition: "number",
      offset: "number",
    },
  },
  KAFKA_VERSION_UNREADABLE: {
    message:
      "Version {version} of subject {subject} can't be read as the type of topic {topic}: {reason}",
    hint: "Generate the types from a schema that reads it, or, when no such records are left, turn checkVersions off.",
  },
});
