/**
 * What librdkafka was built with. Its build leaves out, without a word, every part whose library has no
 * headers on the machine: zstd most of all.
 *
 * Invariant: a setting that needs an absent part is refused by name before a client is made.
 */
import { createRequire } from "node:module";
import type { TypewireError } from "../base/index.ts";
import { rdkafkaErrors } from "./errors.ts";
import { loadKafka } from "./load.ts";
import { KAFKA_CODES } from "./native.ts";
import type { KafkaSettings } from "./settings.ts";

/** A part that librdkafka may be built without. */
interface Feature {
  /** As `builtin.features` spells it. */
  readonly name: string;
  /** Debian's packages with what the build needs. */
  readonly packages: string;
  /** The settings that need it, each with the values that do. */
  readonly settings: Readonly<Record<string, RegExp>>;
}

const compression = (codec: RegExp) => ({ "compression.codec": codec, "compression.type": codec });
const TLS = /^(?:sasl_)?ssl$/i;
const mechanism = (name: RegExp) => ({ "sasl.mechanism": name, "sasl.mechanisms": name });

const FEATURES: readonly Feature[] = [
  { name: "zstd", packages: "libzstd-dev", settings: compression(/^zstd$/i) },
  { name: "gzip", packages: "zlib1g-dev", settings: compression(/^gzip$/i) },
  { name: "ssl", packages: "libssl-dev", settings: { "security.protocol": TLS } },
  { name: "sasl_scram", packages: "libssl-dev", settings: mechanism(/^scram-/i) },
  { name: "sasl_gssapi", packages: "libsasl2-dev", settings: mechanism(/^gssapi$/i) },
  {
    name: "oidc",
    packages: "libcurl4-openssl-dev libssl-dev",
    settings: { "sasl.oauthbearer.method": /^oidc$/i },
  },
];
const CODECS = ["zstd", "gzip"];

/**
 * Refuses settings that need a part that is not there.
 *
 * @param built - The parts that are there, as the binding lists them.
 * @throws RDKAFKA_FEATURE_MISSING
 */
export function requireFeatures(built: readonly string[], settings: KafkaSettings): void {
  for (const feature of FEATURES) {
    if (built.includes(feature.name)) continue;
    for (const [setting, values] of Object.entries(feature.settings)) {
      const value = settings[setting];
      if (value !== undefined && values.test(String(value))) {
        throw missing([feature], `the setting ${setting} = ${String(value)}`);
      }
    }
  }
}

/** The error for records whose compression the binding was built without. */
export function unreadableCodec(built: readonly string[], cause: unknown): TypewireError {
  const absent = FEATURES.filter(({ name }) => CODECS.includes(name) && !built.includes(name));
  return missing(absent, "a batch of compressed records that was fetched", cause);
}

/** Where none is known to be absent, the codec is newer than this librdkafka. */
function missing(features: readonly Feature[], what: string, cause?: unknown): TypewireError {
  const feature = features.map(({ name }) => name).join(" or ") || "a codec";
  const packages = features.map((entry) => entry.packages).join(" ") || "libzstd-dev";
  const details = { feature, what, packages, kafkaCode: KAFKA_CODES.notImplemented };
  return rdkafkaErrors.create("RDKAFKA_FEATURE_MISSING", details, cause);
}

/**
 * Which binding is installed, and what it was built with. Not in `load.ts`, whose types need the binding's.
 *
 * @throws what loading it throws
 */
export async function kafkaBuild(): Promise<{
  readonly version: string;
  readonly librdkafka: string;
  readonly features: readonly string[];
}> {
  const { features, librdkafkaVersion } = await loadKafka();
  const require = createRequire(import.meta.url);
  const { version } = require("node-rdkafka/package.json") as { version: string };
  return {
    version: version.replace(/^v/, ""),
    librdkafka: librdkafkaVersion,
    features: features as readonly string[],
  };
}
