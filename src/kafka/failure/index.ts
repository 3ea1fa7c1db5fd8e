/** Failure as a value: rules, retries, dead letters, and waiting for what does not answer. */
export { delayOf } from "./backoff.ts";
export { Breaker } from "./breaker.ts";
export type { RawProducer, RawTopic } from "./forwarder.ts";
export { Forwarder, rawTopic } from "./forwarder.ts";
export type { Letter } from "./letter.ts";
export { readLetter, replayHeaders, retryOf } from "./letter.ts";
export { retryTopicName } from "./retry-topics.ts";
export type { Decision, NamedTopics } from "./rules.ts";
export { checkRules, decide } from "./rules.ts";
