import { expect, test } from "vitest";
import { isThere, readPackage, readText } from "../tidy/source.ts";
import { at, kafkaSettings, parseYaml } from "./compose.ts";

const compose = parseYaml(readText("docker-compose.yml"));
const dockerfile = readText("Dockerfile");

test("Kafka's clients on both sides are sent on to an address that they can reach", () => {
  const settings = kafkaSettings();
  expect(settings["advertised.listeners"]).toBe("INTERNAL://kafka:19092,EXTERNAL://localhost:9092");
  expect(at(compose, "services", "kafka")["ports"]).toEqual(["127.0.0.1:9092:9092"]);
  expect(Object.keys(at(compose, "services"))).toContain("kafka");
});

test("Kafka is the version that the tests run on", () => {
  const tested = /<kafka\.version>([\d.]+)</.exec(readText("test/brokers/pom.xml"));
  expect(at(compose, "services", "kafka")["image"]).toBe(`apache/kafka:${tested?.[1]}`);
});

test("every named volume is declared and used", () => {
  const used = ["kafka", "registry"].map((service) => at(compose, "services", service)["volumes"]);
  expect(used).toEqual([["kafka-data:/var/lib/kafka/data"], ["registry-data:/data"]]);
  expect(Object.keys(at(compose, "volumes"))).toEqual(["kafka-data", "registry-data"]);
  expect(dockerfile).toContain("VOLUME /data\n");
});

test("the registry answers on the published port and ends on SIGTERM without a helper", () => {
  const registry = at(compose, "services", "registry");
  expect(registry["ports"]).toEqual(["127.0.0.1:8081:8081"]);
  expect(registry["command"]).toEqual(
    "serve --host=0.0.0.0 --port=8081 --store=sqlite --data=/data".split(" "),
  );
  expect(dockerfile).toContain('ENTRYPOINT ["node", "bin/typewire.js"]\n');
});

test("`init` registers the schema of the example when its topic is there, and `up` passes it over", () => {
  const services = at(compose, "services");
  const init = at(services, "init");
  const stage = at(init, "build")["target"];
  expect(dockerfile).toContain(` AS ${String(stage)}\n`);
  // The last stage is the one that is built without a target.
  expect(dockerfile.lastIndexOf("\nFROM ")).toBeGreaterThan(
    dockerfile.indexOf(` AS ${String(stage)}\n`),
  );
  const [, program = ""] =
    /^ENTRYPOINT \["node", "dist\/(examples\/.+)\.js"\]$/m.exec(dockerfile) ?? [];
  expect(isThere(`${program}.ts`)).toBe(true);
  expect(at(init, "environment")).toEqual({ TYPEWIRE_REGISTRY: "http://registry:8081" });
  expect(at(init, "depends_on")).toEqual({
    registry: { condition: "service_healthy" },
    "init-topics": { condition: "service_completed_successfully" },
  });
  const topics = at(services, "init-topics");
  expect(topics["image"]).toBe(at(services, "kafka")["image"]);
  expect(at(topics, "depends_on")).toEqual({ kafka: { condition: "service_healthy" } });
  expect(topics["entrypoint"]).toEqual(["/opt/kafka/bin/kafka-topics.sh"]);
  const config = JSON.parse(readText("examples/typewire.json")) as {
    topics: { events: { partitions: number } };
  };
  expect(topics["command"]).toEqual(
    `--bootstrap-server kafka:19092 --create --if-not-exists --topic events --partitions ${config.topics.events.partitions}`.split(
      " ",
    ),
  );
  const shown = Object.entries(services).filter(([, service]) => !("profiles" in Object(service)));
  expect(shown.map(([name]) => name)).toEqual(["kafka", "registry"]);
});

test("the image's Node is one that package.json allows, and its user is not root", () => {
  const lines = Number(/(\d+)/.exec(readPackage().engines.node)?.[1]);
  const images = [...dockerfile.matchAll(/^FROM node:(\d+)-bookworm/gm)].map((m) => Number(m[1]));
  expect(images).toEqual([lines, lines, lines]);
  expect(dockerfile).toContain("USER node\n");
});

test("the build context holds every file that the image copies or the build reads", () => {
  const kept = readText(".dockerignore").match(/(?<=^!).+$/gm);
  const build = JSON.parse(readText("tsconfig.build.json")) as { include: string[] };
  expect(kept).toEqual(expect.arrayContaining([...build.include, "bin", "LICENSE"]));
  expect(kept).toEqual(expect.arrayContaining(["package.json", "package-lock.json"]));
  expect(kept).toEqual(expect.arrayContaining(["tsconfig.json", "tsconfig.build.json"]));
});

test.each([
  ["a: &x 1", "line 1: write it in quotes"],
  ["a:\n  - b\n    - c", "line 3: unexpected indentation"],
  ["a: 1\na: 2", "line 2: a is there twice"],
  ["just text", "line 1: not a map entry"],
])("the reader refuses %j", (text, message) => {
  expect(() => parseYaml(text)).toThrow(message);
});
