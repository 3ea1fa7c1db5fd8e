import { defineErrors } from "../base/index.ts";

/** Errors of `typewire/testing`. */
export const testingErrors = defineErrors({
  TESTING_HANDLER_FAILED: {
    message:
      "The handler failed without any crash on {topic}/{partition} at offset {offset}: {reason}",
    hint: "Nothing can be proved about a handler that fails by itself; mend it, or give it other messages.",
  },
  TESTING_NOT_IDEMPOTENT: {
    message:
      "The handler is not idempotent: {crash}; {difference}; schedule {schedule} of {schedules}, seed {seed}",
    hint: "Make the effect and the note that it happened one step: a unique key, a conditional write, or both in one transaction.",
  },
  TESTING_OPTION_INVALID: {
    message: "Option {option} {value} of typewire/testing is not valid: {reason}",
    hint: "Correct the option; docs/testing.md lists what each one may be.",
  },
  TESTING_PROOF_STUCK: {
    message: "The handler did not end within {timeoutMs} ms: {crash}",
    hint: "Something that it waits for never comes: a lock that outlives a crash, or a timer of its own. Raise timeoutMs when it is only slow.",
  },
  TESTING_TOPIC_UNKNOWN: {
    message: "The broker in memory has no topic {topic}",
    hint: "Give it to createTestBroker, or add it with addTopics.",
  },
  TESTING_WORLD_DIFFERS: {
    message: "Two runs without a crash left different worlds: {difference}",
    hint: "Take time and random values out of the snapshot, or let the world make them from a fixed seed.",
  },
});
