// @kafkajs/confluent-schema-registry against a registry: argv is its URL and a message of ours in hex.
import { readFileSync } from "node:fs";
import registryModule from "@kafkajs/confluent-schema-registry";

const { COMPATIBILITY, SchemaRegistry, SchemaType } = registryModule;
const { base, broken, order, orderV2, orderValue } = JSON.parse(
  readFileSync(new URL("../schemas.json", import.meta.url), "utf8"),
);
const [url, ours] = process.argv.slice(2);
const client = new SchemaRegistry({ host: url });
const subject = "kafkajs-value";
const register = async (schema, name = subject, references = undefined) => {
  const confluent = { type: SchemaType.AVRO, schema, ...(references && { references }) };
  const { id } = await client.register(confluent, {
    subject: name,
    compatibility: COMPATIBILITY.BACKWARD,
  });
  return id;
};

await register(base, "base-kafkajs");
const references = [{ name: "shop.Customer", subject: "base-kafkajs", version: 1 }];
const first = await register(order, subject, references);
const again = await register(order, subject, references);
const second = await register(orderV2, subject, references);
const refusal = await register(broken).then(() => "accepted", (error) => error.status ?? String(error));
const message = await client.encode(second, orderValue);
const decoded = await client.decode(Buffer.from(ours, "hex"));
console.log(
  JSON.stringify({
    ids: [first, again, second],
    latest: await client.getLatestSchemaId(subject),
    refusal,
    message: message.toString("hex"),
    decoded,
  }),
);
