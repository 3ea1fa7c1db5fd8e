/** Time limits of our own: a call of the binding may take longer than it was told. */
import { rdkafkaErrors } from "./errors.ts";
import { KAFKA_CODES } from "./native.ts";

/** The longest time-out that the client takes, in milliseconds. */
export const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/**
 * What the promise yields, if it does in time.
 *
 * @throws RDKAFKA_UNAVAILABLE
 */
export async function within<T>(promise: Promise<T>, ms: number, action: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => {
        const reason = `no answer within ${Math.round(ms)} ms`;
        const details = { action, reason, kafkaCode: KAFKA_CODES.timedOut };
        reject(rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", details));
      },
      Math.min(Math.max(ms, 0), TIMEOUT_MS_MAX),
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
