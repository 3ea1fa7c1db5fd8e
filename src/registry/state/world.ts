/**
 * The world: the state, the settings of the server, and the parsed-schema cache (a pure function with
 * a memory). Queries and commands take it as their one parameter besides what is asked of them.
 */
import type { CompatibilityLevel } from "../../api/index.ts";
import type { StepBudget } from "../../avro/index.ts";
import { COMPATIBILITY_STEPS_MAX } from "../../avro/index.ts";
import type { SchemaTools } from "./schemas.ts";
import type { Content, State } from "./state.ts";

/** The registry's settings. */
export interface RegistrySettings {
  /** Level where nothing is configured. Default `BACKWARD`. */
  readonly level: CompatibilityLevel;
  /** Whether PUT and DELETE of modes are allowed. Default true. */
  readonly modeMutability: boolean;
  /** Whether new schemas must have strict names and matching defaults. Default true. */
  readonly validateNewSchemas: boolean;
  /**
   * Whether a new schema is refused whose references lead to two versions of one name (Confluent's
   * `reference.versions.strict`). Default false: the first counts.
   */
  readonly referenceVersionsStrict: boolean;
  /** Whether `confluent:reserved` fields are checked. Default false. */
  readonly validateFields: boolean;
  /** Whether new schemas are normalised without being asked. Default false. */
  readonly normalize: boolean;
  /** Whether the empty subject and `*` are refused. Default false. */
  readonly rejectEmptySubject: boolean;
  /**
   * When a subject's own config and mode go: with its last version permanently (`permanent`, as
   * Confluent since 8.1) or with its last live version (`soft`, as up to 8.0). Default `permanent`.
   */
  readonly subjectSettingsGoWith: "permanent" | "soft";
  /**
   * Longest record value in UTF-8 bytes; a longer schema is 42209. Default 1,000,000: what a Kafka
   * topic with default settings takes, so that a registry can always move there.
   */
  readonly recordBytesMax: number;
  /**
   * Steps that comparing schemas may take for one request, all versions and items together; what takes
   * more is refused. A step is about a field that is looked at. Default 1,000,000: one to two
   * tenths of a second.
   */
  readonly compatibilityStepsMax: number;
}

/** Defaults of {@link RegistrySettings}. */
export const DEFAULT_SETTINGS: RegistrySettings = {
  level: "BACKWARD",
  modeMutability: true,
  validateNewSchemas: true,
  referenceVersionsStrict: false,
  validateFields: false,
  normalize: false,
  rejectEmptySubject: false,
  subjectSettingsGoWith: "permanent",
  recordBytesMax: 1_000_000,
  compatibilityStepsMax: COMPATIBILITY_STEPS_MAX,
};

/** All that queries and commands look at. */
export interface World {
  readonly state: State;
  readonly settings: RegistrySettings;
  readonly schemas: SchemaTools;
  /** What the request may still cost; without it each comparison has a budget of its own. */
  readonly steps?: StepBudget;
  /** Contents whose parsing was charged to that budget; the second time they are remembered. */
  readonly charged?: Set<Content>;
}
