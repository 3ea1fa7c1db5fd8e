/**
 * Where the scenarios find Kafka and the registry: the variables KAFKA_BROKERS and TYPEWIRE_REGISTRY, or
 * the ports of `docker compose up`.
 */
export const place = {
  brokers: (process.env["KAFKA_BROKERS"] ?? "localhost:9092").split(","),
  registry: process.env["TYPEWIRE_REGISTRY"] ?? "http://localhost:8081",
};
