/**
 * Media types of the API, and the choice of the answer's type.
 *
 * Source: Confluent's rest-utils and `Versions`: it produces three types, each with a server quality, and
 * consumes these and `application/octet-stream` (what clients without a content type send) as JSON.
 */

/** Produced types, best first. The first is the default. */
export const MEDIA_TYPES = [
  "application/vnd.schemaregistry.v1+json",
  "application/vnd.schemaregistry+json",
  "application/json",
] as const;

/** A type that answers are sent as. */
export type MediaType = (typeof MEDIA_TYPES)[number];

const CONSUMED: ReadonlySet<string> = new Set([...MEDIA_TYPES, "application/octet-stream"]);

/** Whether a body of this `Content-Type` is read as JSON; parameters such as `charset` are ignored. */
export function isConsumed(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const essence = essenceOf(contentType);
  return essence === "" || CONSUMED.has(essence);
}

/**
 * The type to answer with for an `Accept` header, or `undefined` when none fits (406). The client's
 * quality decides, then the server's order.
 */
export function negotiate(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept === MEDIA_TYPES[0] || accept === "*/*") return MEDIA_TYPES[0];
  if (accept.trim() === "") return MEDIA_TYPES[0];
  const known = negotiated.get(accept);
  if (known !== undefined) return known;
  const best = bestOf(accept);
  if (best !== undefined && negotiated.size < NEGOTIATED_MAX) negotiated.set(accept, best);
  return best;
}

/** Clients send few different headers, many times. */
const NEGOTIATED_MAX = 100;
const negotiated = new Map<string, MediaType>();

function bestOf(accept: string): MediaType | undefined {
  let best: MediaType | undefined;
  let bestQuality = 0;
  const ranges = accept.split(",").map(parseRange);
  for (const type of MEDIA_TYPES) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

/** Whether an `Accept` header takes a type; an absent or empty one takes all. */
export function isAccepted(accept: string | undefined, type: string): boolean {
  if (accept === undefined || accept.trim() === "") return true;
  return qualityOf(type, accept.split(",").map(parseRange)) > 0;
}

interface MediaRange {
  readonly essence: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const parameters = text.split(";").slice(1);
  const q = parameters.map((part) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(part)?.[1]).find(Boolean);
  const quality = q === undefined ? 1 : Number(q);
  return { essence: rangeOf(essenceOf(text)), quality: Number.isFinite(quality) ? quality : 0 };
}

/** Java's clients send `*` for any type, and to Confluent's server a wildcard has no subtype. */
function rangeOf(essence: string): string {
  return essence === "*" || essence.startsWith("*/") ? "*/*" : essence;
}

/** The most specific range that covers the type decides, as RFC 9110 (12.5.1) says. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const pattern of [type, `${type.split("/", 1).join("")}/*`, "*/*"]) {
    const range = ranges.find(({ essence }) => essence === pattern);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

function essenceOf(text: string): string {
  const end = text.indexOf(";");
  return (end === -1 ? text : text.slice(0, end)).trim().toLowerCase();
}
