// @confluentinc/schemaregistry against a registry: argv is its URL and a message of ours in hex.
import { readFileSync } from "node:fs";
import {
  AvroDeserializer,
  AvroSerializer,
  SchemaRegistryClient,
  SerdeType,
} from "@confluentinc/schemaregistry";

const { base, broken, order, orderV2, orderValue } = JSON.parse(
  readFileSync(new URL("../schemas.json", import.meta.url), "utf8"),
);
const [url, ours] = process.argv.slice(2);
const client = new SchemaRegistryClient({ baseURLs: [url] });
const subject = "confluent-js-value";

await client.register("base-js", { schemaType: "AVRO", schema: base });
const references = [{ name: "shop.Customer", subject: "base-js", version: 1 }];
const first = await client.register(subject, { schemaType: "AVRO", schema: order, references });
const again = await client.register(subject, { schemaType: "AVRO", schema: order, references });
const second = await client.register(subject, { schemaType: "AVRO", schema: orderV2, references });
const refusal = await client
  .register(subject, { schemaType: "AVRO", schema: broken })
  .then(() => "accepted", (error) => error.status ?? error.response?.status ?? String(error));
const compatible = await client.testSubjectCompatibility(subject, {
  schemaType: "AVRO",
  schema: orderV2,
  references,
});

const serializer = new AvroSerializer(client, SerdeType.VALUE, {
  autoRegisterSchemas: false,
  useLatestVersion: true,
});
const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {});
const message = await serializer.serialize("confluent-js", orderValue);
const decoded = await deserializer.deserialize("ours", Buffer.from(ours, "hex"));
console.log(
  JSON.stringify({
    ids: [first, again, second],
    versions: await client.getAllVersions(subject),
    latest: (await client.getLatestSchemaMetadata(subject)).id,
    subjects: (await client.getAllSubjects()).includes(subject),
    refusal,
    compatible,
    deleted: await client.deleteSubjectVersion(subject, 1, false),
    message: message.toString("hex"),
    decoded,
  }),
);
