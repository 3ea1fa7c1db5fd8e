import * as client from "typewire";
import * as avro from "typewire/avro";
import * as codegen from "typewire/codegen";
import * as kafka from "typewire/kafka";
import * as registry from "typewire/registry";
import * as schema from "typewire/schema";
import * as testing from "typewire/testing";

export const entries: readonly object[] = [client, avro, codegen, kafka, registry, schema, testing];
