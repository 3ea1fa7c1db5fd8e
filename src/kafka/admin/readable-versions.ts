/** The start-up check of a consumer: can its types read every version that a producer may use? */
import type { Schema } from "../../avro/index.ts";
import { parseSchema, readerIncompatibilities } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { AnyAvroType, AnyTopic } from "../../schema/index.ts";
import type { VersionLookup } from "../contract/index.ts";
import { avroTypesOf, kafkaErrors } from "../contract/index.ts";

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
    [topic.key, topic.value].flatMap((type) =>
      avroTypesOf(type).map((member) => checkSubject(topic.name, member, registry)),
    ),
  );
  await Promise.all(checks);
}

async function checkSubject(
  topic: string,
  type: AnyAvroType,
  registry: VersionLookup,
): Promise<void> {
  const { subject } = type;
  const reader = parseSchema(type.closedSchema ?? type.schema, { mode: "stored" });
  const versions = await registry.versions(subject).catch((error: unknown) => {
    // A subject that nobody registered has no data either.
    if (isTypewireError(error, "CLIENT_REFUSED") && error.details["status"] === 404) return [];
    throw error;
  });
  await Promise.all(
    versions.map(async (version) => {
      const writer: Schema = parseSchema(await registry.closedSchema(subject, version), {
        mode: "stored",
      });
      const [first] = readerIncompatibilities(reader, writer);
      if (first === undefined) return;
      const { type: rule, readerPath, message } = first;
      const reason = `${rule} at ${readerPath === "" ? "the root" : readerPath}: ${message}`;
      throw kafkaErrors.create("KAFKA_VERSION_UNREADABLE", { topic, subject, version, reason });
    }),
  );
}
