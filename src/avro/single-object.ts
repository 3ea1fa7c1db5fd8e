/**
 * Avro's single-object encoding: the bytes C3 01, the little-endian CRC-64-AVRO fingerprint of the
 * writer's schema, and the value. A message says with which schema it was written, and the receiver
 * has to know that schema.
 */

import type { CodecOptions, Decoder } from "./codec.ts";
import { createDecoder, createEncoder } from "./codec.ts";
import { avroErrors } from "./errors.ts";
import { fingerprint64 } from "./fingerprints.ts";
import type { Schema } from "./model.ts";
import { BYTES, checkAvro, SINGLE_OBJECT } from "./options.ts";

const MARKER = [0xc3, 0x01] as const;
const HEADER_BYTES = 10;

/** Settings of {@link createSingleObjectCodec}. */
export interface SingleObjectOptions extends CodecOptions {
  /** Further schemas that messages may have been written with. */
  readonly writers?: readonly Schema[];
}

/** Reads and writes messages in the single-object encoding. */
export interface SingleObjectCodec<In = unknown, Out = In> {
  /** A message with the codec's own schema. @throws as {@link Encoder.encode} */
  toBuffer(value: In): Buffer;
  /**
   * The value of a message that was written with the codec's own schema or one of `writers`.
   *
   * @throws AVRO_MESSAGE_INVALID, AVRO_FINGERPRINT_UNKNOWN, and as {@link Decoder.decode}
   */
  fromBuffer(message: Uint8Array): Out;
}

/** The fingerprint of a message's schema. @throws AVRO_MESSAGE_INVALID */
export function peekFingerprint(message: Uint8Array): bigint {
  checkAvro(BYTES, { bytes: message });
  const bytes = asBuffer(message);
  if (bytes.length < HEADER_BYTES || bytes[0] !== MARKER[0] || bytes[1] !== MARKER[1]) {
    const found = bytes.length === 0 ? "nothing" : bytes.toString("hex", 0, HEADER_BYTES);
    throw avroErrors.create("AVRO_MESSAGE_INVALID", { found });
  }
  return bytes.readBigUInt64LE(MARKER.length);
}

/**
 * A codec for messages of one schema, which also reads those of other writers.
 *
 * @example
 * ```ts
 * import { createSingleObjectCodec, parseSchema } from "typewire/avro";
 *
 * const codec = createSingleObjectCodec<number>(parseSchema('"int"', { mode: "strict" }));
 * const value = codec.fromBuffer(codec.toBuffer(42));
 * ```
 */
export function createSingleObjectCodec<In = unknown, Out = In>(
  schema: Schema,
  options: SingleObjectOptions = {},
): SingleObjectCodec<In, Out> {
  checkAvro(SINGLE_OBJECT, options);
  const { encode } = createEncoder<In>(schema, options);
  const decoders = new Map<bigint, Decoder<Out>>();
  for (const writer of [...(options.writers ?? []), schema]) {
    decoders.set(fingerprint64(writer), createDecoder<Out>(writer, schema, options));
  }
  const header = Buffer.from([...MARKER, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64LE(fingerprint64(schema), MARKER.length);
  let slab = Buffer.allocUnsafe(1024);
  return {
    toBuffer: (value) => {
      for (;;) {
        const end = encode(value, slab, HEADER_BYTES);
        if (end <= slab.length) {
          header.copy(slab);
          return Buffer.from(slab.subarray(0, end));
        }
        slab = Buffer.allocUnsafe(end);
      }
    },
    fromBuffer: (message) => {
      const fingerprint = peekFingerprint(message);
      const decoder = decoders.get(fingerprint);
      if (decoder === undefined) {
        throw avroErrors.create("AVRO_FINGERPRINT_UNKNOWN", {
          fingerprint: fingerprint.toString(16).padStart(16, "0"),
        });
      }
      return decoder.decode(asBuffer(message), HEADER_BYTES, message.length);
    },
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
