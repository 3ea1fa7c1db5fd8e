/**
 * Batches on the way of single records: what can be read together is handled together; a record that
 * fails is answered by the rules alone, and the others go on.
 *
 * Invariant: records are done in order; what is reported as done is done.
 */
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { AnyMessage } from "../codec/index.ts";
import { BatchFailure } from "../contract/index.ts";
import type { Fault, Pipeline, Place } from "./pipeline.ts";
import { poison } from "./pipeline.ts";
import type { BatchOutcome, LaneView } from "./work.ts";
import { isLaneClosed, LaneClosed } from "./work.ts";

/** Takes batches through. */
export class BatchPipeline {
  readonly #pipeline: Pipeline;
  /** Whether rules have an answer to a handler that fails. */
  readonly #isAnswered: boolean;

  constructor(pipeline: Pipeline, isAnswered: boolean) {
    this.#pipeline = pipeline;
    this.#isAnswered = isAnswered;
  }

  async together(
    batch: RecordBatch,
    indexes: readonly number[],
    lane: LaneView,
  ): Promise<BatchOutcome> {
    let done = 0;
    while (done < indexes.length) {
      try {
        done += await this.#run(batch, indexes.slice(done), lane);
      } catch (error) {
        const before = error instanceof StoppedAfter ? error.done : 0;
        const cause = error instanceof StoppedAfter ? error.cause : error;
        if (isLaneClosed(cause)) return { done: done + before };
        return { done: done + before, error: cause };
      }
    }
    return { done };
  }

  /** Handles as many of these records as can be read at once; the number that is done. */
  async #run(batch: RecordBatch, indexes: readonly number[], lane: LaneView): Promise<number> {
    const { messages, fault } = await this.#readAll(batch, indexes, lane);
    const place = (n: number): Place => ({ batch, i: indexes[n] as number, lane });
    if (messages.length === 0) {
      await this.#pipeline.recover(place(0), fault as Fault);
      return 1;
    }
    const failed = await this.#pipeline.handle(messages, lane, 1);
    if (failed === undefined) return messages.length;
    const { error } = failed;
    if (error instanceof BatchFailure && error.index > 0 && error.index < messages.length) {
      return this.#after(error.index, place, { stage: "handler", error: error.cause });
    }
    const one = error instanceof BatchFailure ? error.cause : error;
    if (messages.length > 1 && !(error instanceof BatchFailure) && this.#isAnswered) {
      // It does not say which record failed, so they are handled one after another.
      return this.#oneByOne(messages, place, lane);
    }
    await this.#pipeline.recover(place(0), { stage: "handler", error: one });
    return 1;
  }

  /** Records before `index` are done; the one there is recovered. */
  async #after(index: number, place: (n: number) => Place, fault: Fault): Promise<number> {
    try {
      await this.#pipeline.recover(place(index), fault);
    } catch (error) {
      throw new StoppedAfter(index, error);
    }
    return index + 1;
  }

  async #oneByOne(
    messages: readonly AnyMessage[],
    place: (n: number) => Place,
    lane: LaneView,
  ): Promise<number> {
    for (const [n, message] of messages.entries()) {
      if (lane.closing.aborted) throw new StoppedAfter(n, new LaneClosed());
      try {
        const failed = await this.#pipeline.handle([message], lane, 1);
        if (failed !== undefined) await this.#pipeline.recover(place(n), failed);
      } catch (error) {
        throw new StoppedAfter(n, error);
      }
    }
    return messages.length;
  }

  /** The messages up to the first that can't be read, and what is wrong with that one. */
  async #readAll(
    batch: RecordBatch,
    indexes: readonly number[],
    lane: LaneView,
  ): Promise<{ readonly messages: AnyMessage[]; readonly fault?: Fault }> {
    const messages: AnyMessage[] = [];
    for (const i of indexes) {
      try {
        messages.push(await this.#pipeline.read({ batch, i, lane }));
      } catch (error) {
        if (isLaneClosed(error)) throw error;
        return { messages, fault: poison(error) };
      }
    }
    return { messages };
  }
}

/** So many records are done, and then it stopped. */
class StoppedAfter extends Error {
  readonly done: number;

  constructor(done: number, cause: unknown) {
    super("stopped", { cause });
    this.done = done;
  }
}
