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
  KAFKA_CLOSED_EARLY: {
    message:
      "The producer was closed before a record for topic {topic} was delivered: it was {stage}",
    hint: "While it waited for the acknowledgement it may have arrived; otherwise it did not. Give close() more time, or await what you send first.",
  },
  KAFKA_DELIVERY_FAILED: {
    message:
      "{failed} of {count} records for topic {topic} were not delivered; the first: {reason}",
    hint: "Records that did arrive stay; `details.failedIndexes` says which ones did not.",
    details: { topic: "string", failed: "number", count: "number", failedIndexes: "numbers" },
  },
  KAFKA_DELIVERY_TIMEOUT: {
    message: "A record for topic {topic} was not delivered within {timeoutMs} ms: it was {stage}",
    hint: "While it waited for the acknowledgement it may have arrived; otherwise it did not. Look whether the brokers and the registry answer; raise deliveryTimeoutMs for longer outages.",
    retriable: true,
  },
  KAFKA_DRAIN_TIMEOUT: {
    message: "Handlers of {partitions} did not finish within {timeoutMs} ms",
    hint: "Their records are not committed and come again; make handlers shorter, heed the signal, or raise stopTimeoutMs.",
  },
  KAFKA_ENQUEUED_FAILED: {
    message: "{failed} enqueued records of {topics} were not delivered; the first: {reason}",
    hint: "Each one was told to the hook onDelivery; use send() where a caller has to know.",
  },
  KAFKA_FLUSH_TIMEOUT: {
    message:
      "The flush did not end within {timeoutMs} ms: {waiting} calls wait to be sent, {unreported} for an acknowledgement",
    hint: "The records go on until their own deliveryTimeoutMs; look whether the brokers and the registry answer.",
    retriable: true,
  },
  KAFKA_FORWARD_FAILED: {
    message:
      "The record of {topic}/{partition} at offset {offset}, which failed at stage {stage}, can't be sent to {to}: {reason}",
    hint: "Nothing was skipped: after a restart the group goes on with this record. Check that {to} exists and that this client may write to it.",
  },
  KAFKA_FORWARD_UNAVAILABLE: {
    message:
      "The record of {topic}/{partition} at offset {offset}, which failed at stage {stage}, can't be sent to {to} yet: {reason}",
    hint: "The brokers do not answer; the consumer waits for them and tries again.",
    retriable: true,
  },
  KAFKA_GROUP_ACTIVE: {
    message: "Group {group} has members, so its offsets can't be moved; none was",
    hint: "Stop every consumer of the group and try again; after a crash its session, 45 s by default, has to run out first.",
    retriable: true,
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
  KAFKA_INTERCEPTOR_FAILED: {
    message: "An interceptor failed on a record for topic {topic}: {reason}",
    hint: "Nothing of the call was sent. An interceptor returns the record to send, at once.",
  },
  KAFKA_NO_ACKNOWLEDGEMENT: {
    message: "No broker acknowledged anything for {ms} ms, and {count} records wait for it",
    hint: "Told to the hook onOutage; the records go on until their deliveryTimeoutMs.",
    retriable: true,
  },
  KAFKA_NOT_ASSIGNED: {
    message: "Partition {topic}/{partition} is not assigned to this consumer",
    hint: "Wait for `assigned`, and take partitions from `assignment()`; another member of the group may own it.",
  },
  KAFKA_OFFSETS_NOT_TRANSACTIONAL: {
    message:
      "The offsets of this consumer can't go through a transaction: it commits them by itself",
    hint: 'Create the consumer with `offsets: "transactions"`.',
  },
  KAFKA_NOTHING_COMMITTED: {
    message:
      "Group {group} has no committed offset in {partitions}, so there is nothing to shift from",
    hint: 'Reset to "start", "end", a timestamp or an offset instead.',
  },
  KAFKA_OFFSETS_UNKNOWN: {
    message: "Where {partitions} begin and end is not known: they have no leader",
    hint: "Nothing was moved; start the brokers that hold them and try again.",
    retriable: true,
  },
  KAFKA_OPTION_INVALID: {
    message: "{option} {value} is not valid: {reason}",
    hint: "Correct the option; its documentation names unit and default.",
  },
  KAFKA_PARTITIONER_FAILED: {
    message: "The partitioner of topic {topic} failed: {reason}",
    hint: "The record was not sent. A partitioner returns an integer from 0 to partitions − 1 for every record.",
  },
  KAFKA_PARTITIONS_LOST: {
    message: "Partitions of {topics} were taken away before their transaction was committed",
    hint: "Nothing of it is visible; the member that has them now does the same records. Make handlers shorter, or raise drainTimeoutMs.",
  },
  KAFKA_PARTITION_INVALID: {
    message: "Partition {partition} is not one of the {count} partitions of topic {topic}",
    hint: "Partitions count from 0; look at the partitioner or the record's `partition`.",
    details: { topic: "string", partition: "number", count: "number" },
  },
  KAFKA_PRODUCER_FENCED: {
    message: "Another producer took over the transactional id {transactionalId}",
    hint: "This one is finished, and what it had not committed is not visible. End this process; processes that run side by side need a transactional id each.",
  },
  KAFKA_QUEUE_FULL: {
    message: "{waiting} records for topic {topic} wait to be sent",
    hint: "`enqueue` returned false long before: await `drained` then, before more records are made.",
    retriable: true,
  },
  KAFKA_RECORD_INVALID: {
    message: "The {part} of a record for topic {topic} can't be sent: {reason}",
    hint: "The value does not have the type of the topic's descriptor.",
  },
  KAFKA_RULE_UNSUPPORTED: {
    message:
      "The {part} of {place} has schema {schemaId} of subject {subject}, whose rule {rule} (type {type}, mode {mode}) can't be run here",
    hint: "Values would be wrong without it. Use a client that runs such rules, or, when the service can do without, add {type} to ignoreRules.",
    details: { topic: "string", stage: "string" },
  },
  KAFKA_REPLAY_FAILED: {
    message:
      "The letter of {topic}/{partition} at offset {offset} can't be sent back to {to}: {reason}",
    hint: "Everything before it is sent and counted; after a mend the replay goes on with it.",
    details: { topic: "string", partition: "number", offset: "number", to: "string" },
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
  KAFKA_SEND_ABORTED: {
    message: "Sending to topic {topic} was aborted by the signal: the record was {stage}",
    hint: "While it waited for the acknowledgement it may arrive; otherwise it does not.",
  },
  KAFKA_START_CHECK_FAILED: {
    message: "The clients can't start: {problems}",
    hint: "Each problem ends with what mends it; `details.problems` has them one by one.",
  },
  KAFKA_TOPIC_NOT_FOUND: {
    message: "Topic {topic} does not exist",
    hint: "Create it first, for example with createTopics of createAdmin().",
  },
  KAFKA_TRANSACTION_ABORTED: {
    message: "A transaction of {transactionalId} could not be committed and was aborted: {reason}",
    hint: "Nothing of it is visible to read_committed readers; the same work can be done again.",
    retriable: true,
  },
  KAFKA_TRANSACTION_ENDED: {
    message: "The transaction is over, {action} is not possible any more",
    hint: "Await everything inside of the function that is given to transaction(), and end early when tx.signal is aborted.",
  },
  KAFKA_TRANSACTION_IN_DOUBT: {
    message: "It is unknown whether a transaction of {transactionalId} was committed: {reason}",
    hint: "Readers see all of it or nothing. Look for its result, or for the committed offsets of its group, before doing the work again.",
  },
  KAFKA_TRANSACTION_NESTED: {
    message: "A transaction of {transactionalId} was begun inside of another one",
    hint: "A producer has one transaction at a time: use the `tx` that the outer function was given.",
  },
  KAFKA_TRANSACTION_TIMEOUT: {
    message:
      "A transaction of {transactionalId} was not done within {timeoutMs} ms and was aborted: it was {stage}",
    hint: "Nothing of it is visible to read_committed readers; do less in one transaction, or raise transactionTimeoutMs.",
    retriable: true,
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
