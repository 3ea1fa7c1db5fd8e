/** The contract of `Log`, on every implementation. */
import { describeLogContract } from "./log-contract.ts";
import { memoryKind, sqliteKind } from "./logs.ts";

for (const kind of [memoryKind, sqliteKind]) describeLogContract(kind);
