/**
 * Fingerprints of schemas: digests of the UTF-8 bytes of the Parsing Canonical Form.
 *
 * CRC-64-AVRO is kept in two 32-bit halves, some fifty times faster than with bigint.
 */

import { hash } from "node:crypto";
import type { Schema } from "./model.ts";
import { ALGORITHM, checkAvro } from "./options.ts";
import { parsingCanonicalForm } from "./print.ts";

const EMPTY_HIGH = 0xc15d213a;
const EMPTY_LOW = 0xa4d7a795;
const TABLE_HIGH = new Uint32Array(256);
const TABLE_LOW = new Uint32Array(256);

for (let index = 0; index < 256; index++) {
  let high = 0;
  let low = index;
  for (let bit = 0; bit < 8; bit++) {
    const mask = -(low & 1);
    low = ((low >>> 1) | (high << 31)) ^ (EMPTY_LOW & mask);
    high = (high >>> 1) ^ (EMPTY_HIGH & mask);
  }
  TABLE_HIGH[index] = high;
  TABLE_LOW[index] = low;
}

/** The CRC-64-AVRO (Rabin) fingerprint, from 0 to 2^64 − 1. */
export function fingerprint64(schema: Schema): bigint {
  const { high, low } = crc64(parsingCanonicalForm(schema));
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The CRC-64-AVRO fingerprint as 16 hexadecimal digits, big-endian. */
export function fingerprintHex(schema: Schema): string {
  const { high, low } = crc64(parsingCanonicalForm(schema));
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

/** The MD5 (16 bytes) or SHA-256 (32 bytes) fingerprint. */
export function fingerprint(schema: Schema, algorithm: "md5" | "sha256"): Buffer {
  checkAvro(ALGORITHM, { algorithm });
  return hash(algorithm, parsingCanonicalForm(schema), "buffer");
}

function crc64(text: string): { high: number; low: number } {
  let high = EMPTY_HIGH;
  let low = EMPTY_LOW;
  for (const byte of Buffer.from(text)) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (TABLE_LOW[index] ?? 0);
    high = (high >>> 8) ^ (TABLE_HIGH[index] ?? 0);
  }
  return { high: high >>> 0, low: low >>> 0 };
}
