import { defineConfig } from "vitest/config";

/** A test whose expectations were never reached fails. */
const REACHED = { requireAssertions: true };

/**
 * Two projects: `fast` needs nothing beyond loopback; `kafka` needs a real Apache Kafka, which its
 * global set-up starts from Maven Central's jars (or finds at TYPEWIRE_TEST_BROKERS).
 */
export default defineConfig({
  test: {
    // Many tests wait more than they compute.
    maxWorkers: 3,
    coverage: { include: ["src/**/*.ts", "codegen/**/*.ts"] },
    projects: [
      {
        test: {
          name: "fast",
          expect: REACHED,
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.kafka.test.ts", "test/**/*.slow.test.ts", "**/node_modules/**"],
          // Far above what a quiet machine needs: a busy one is no failure.
          testTimeout: 60_000,
          setupFiles: [
            "test/witness/setup.ts",
            ...(process.env["TYPEWIRE_TEST_SQLITE"] ? ["test/store/use-engine.ts"] : []),
          ],
          globalSetup: ["test/witness/judge.ts"],
          // Nothing here keeps state in modules, so files share what they import: half the time.
          isolate: false,
        },
      },
      {
        test: {
          name: "slow",
          expect: REACHED,
          include: ["test/**/*.slow.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "kafka",
          expect: REACHED,
          include: ["test/**/*.kafka.test.ts"],
          exclude: ["**/node_modules/**"],
          globalSetup: ["test/brokers/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
