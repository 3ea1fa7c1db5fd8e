/**
 * The serialisers of the two registry clients that people use today, on the order record. Both get
 * their schema from a registry that lives in this process, and have it cached before measuring.
 */
import { createServer } from "node:http";
import confluent from "@confluentinc/schemaregistry";
import kafkajs from "@kafkajs/confluent-schema-registry";

const TOPIC = "orders";
const ID = 7;

/** Serialisers and deserialisers of a schema; every call gives a promise. */
export async function peers(schema) {
  const text = JSON.stringify(schema);
  const stub = await startStub(text);
  return {
    contenders: {
      "Confluent's serialiser": await confluentPeer(text),
      "kafkajs' serialiser": kafkajsPeer(stub.url),
    },
    close: () => stub.close(),
  };
}

async function confluentPeer(text) {
  const { AvroDeserializer, AvroSerializer, SchemaRegistryClient, SerdeType } = confluent;
  const client = SchemaRegistryClient.newClient({ baseURLs: ["mock://"] });
  await client.register(`${TOPIC}-value`, { schemaType: "AVRO", schema: text });
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
  const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {});
  return {
    encode: (value) => serializer.serialize(TOPIC, value),
    decode: (frame) => deserializer.deserialize(TOPIC, frame),
  };
}

function kafkajsPeer(host) {
  const registry = new kafkajs.SchemaRegistry({ host });
  return {
    encode: (value) => registry.encode(ID, value),
    decode: (frame) => registry.decode(frame),
  };
}

async function startStub(text) {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ schema: text }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
