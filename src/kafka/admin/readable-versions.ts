/** The start-up check of a consumer: can its types read every version that a producer may use? */
import type { Schema } from "../../avro/index.ts";
import { parseSchema, readerIncompatibilities } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { AnyTopic, AvroType } from "../../schema/index.ts";
import type { VersionLookup } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";

/**
 * Compares the types of topics with every version of their subjects that is not deleted.
 *
 * @throws KAFKA_VERSION_UNREADABLE; CLIENT errors
 */
export async function assertVersionsReadable(
  topics: readonly AnyTopic[],
  registry: VersionLookup,
): Promise<void> {
  const checks = topics.flatMap((topic) =>
    avroTypes(topic).map((type) => unreadableVersions(topic.name, type, registry)),
  );
  const [first] = (await Promise.all(checks)).flat();
  if (first !== undefined) throw first;
}

/** The Avro types of a topic: its key's and its value's. */
export function avroTypes(topic: AnyTopic): readonly AvroType<unknown, unknown>[] {
  return [topic.key, topic.value].filter((type) => type.kind === "avro");
}

/** A KAFKA_VERSION_UNREADABLE for each version of a type's subject that the type can't read. */
export async function unreadableVersions(
  topic: string,
  type: AvroType<unknown, unknown>,
  registry: VersionLookup,
): Promise<readonly Error[]> {
  const { subject } = type;
  const reader = parseSchema(type.closedSchema ?? type.schema, { mode: "stored" });
  const versions = await registry.versions(subject).catch((error: unknown) => {
    // A subject that nobody registered has no data either.
    if (isTypewireError(error, "CLIENT_REFUSED") && error.details["status"] === 404) return [];
    throw error;
  });
  const found = await Promise.all(
    versions.map(async (version) => {
      const writer: Schema = parseSchema(await registry.closedSchema(subject, version), {
        mode: "stored",
      });
      const [first] = readerIncompatibilities(reader, writer);
      if (first === undefined) return undefined;
      const { type: rule, readerPath, message } = first;
      const reason = `${rule} at ${readerPath === "" ? "the root" : readerPath}: ${message}`;
      return kafkaErrors.create("KAFKA_VERSION_UNREADABLE", { topic, subject, version, reason });
    }),
  );
  return found.filter((error) => error !== undefined);
}
