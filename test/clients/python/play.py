"""confluent-kafka for Python against a registry: argv is its URL and a message of ours in hex."""

import json
import sys
from pathlib import Path

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

url, ours = sys.argv[1:3]
schemas = json.loads((Path(__file__).resolve().parent.parent / "schemas.json").read_text())
client = SchemaRegistryClient({"url": url})
subject = "python-value"

client.register_schema("base-python", Schema(schemas["base"], "AVRO"))
references = [SchemaReference("shop.Customer", "base-python", 1)]


def register(text, refs=references):
    return client.register_schema(subject, Schema(text, "AVRO", refs))


first = register(schemas["order"])
again = register(schemas["order"])
second = register(schemas["orderV2"])
try:
    register(schemas["broken"], [])
    refusal = "accepted"
except SchemaRegistryError as error:
    refusal = [error.http_status_code, error.error_code]

serializer = AvroSerializer(
    client,
    Schema(schemas["orderV2"], "AVRO", references),
    conf={"auto.register.schemas": False},
)
message = serializer(schemas["orderValue"], SerializationContext("python", MessageField.VALUE))
decoded = AvroDeserializer(client)(
    bytes.fromhex(ours), SerializationContext("ours", MessageField.VALUE)
)
print(
    json.dumps(
        {
            "ids": [first, again, second],
            "versions": client.get_versions(subject),
            "latest": client.get_latest_version(subject).schema_id,
            "compatible": client.test_compatibility(
                subject, Schema(schemas["orderV2"], "AVRO", references)
            ),
            "refusal": refusal,
            "message": message.hex(),
            "decoded": decoded,
            "deleted": client.delete_subject(subject),
        }
    )
)
