/** The service's calls about configs, modes and contexts. */

import type { Config, Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { byUnits } from "../../base/index.ts";
import {
  decideDeleteConfig,
  decideDeleteContext,
  decideDeleteMode,
  decideUpdateConfig,
  decideUpdateMode,
} from "../commands/index.ts";
import { paged } from "../queries/index.ts";
import { configInScope, modeInScope, ownConfig, ownMode, withLevel } from "../state/index.ts";
import type { Core } from "./core.ts";
import type { RegistryService } from "./service-types.ts";

type SettingCalls = Pick<
  RegistryService,
  | "config"
  | "updateConfig"
  | "deleteConfig"
  | "mode"
  | "updateMode"
  | "deleteMode"
  | "contexts"
  | "deleteContext"
>;

/** Makes the calls. */
export function settingCalls(core: Core): SettingCalls {
  return {
    config: (subject, query) =>
      core.read(() => config(core, core.scopeKey(subject), query.defaultToGlobal ?? false)),
    updateConfig: (subject, body) =>
      core.write(() => decideUpdateConfig(core.state, { key: core.scopeKey(subject), body })),
    deleteConfig: (subject) =>
      core.write(() => decideDeleteConfig(core.world, { key: core.scopeKey(subject) })),
    mode: (subject, query) =>
      core.read(() => mode(core, core.scopeKey(subject), query.defaultToGlobal ?? false)),
    updateMode: (subject, value, query) =>
      core.write(() =>
        decideUpdateMode(core.world, {
          key: core.scopeKey(subject),
          mode: value,
          force: query.force ?? false,
        }),
      ),
    deleteMode: (subject, query) =>
      core.write(() =>
        decideDeleteMode(core.world, {
          key: core.scopeKey(subject),
          recursive: query.recursive ?? false,
        }),
      ),
    contexts: (query) =>
      core.read(() => {
        const prefix = query.contextPrefix ?? "";
        const names = core.contexts().filter((name) => name.startsWith(prefix));
        return paged(names.sort(byUnits), query);
      }),
    deleteContext: (context) => core.write(() => decideDeleteContext(core.state, context)),
  };
}

function config(core: Core, key: string, defaultToGlobal: boolean): Config | Refusal {
  const { state, settings } = core.world;
  const { level } = settings;
  if (defaultToGlobal) return configInScope(state, key, level);
  const own = ownConfig(state, key);
  return own ? withLevel(own, level) : refuse("LEVEL_NOT_CONFIGURED", { subject: key });
}

function mode(core: Core, key: string, defaultToGlobal: boolean): { mode: string } | Refusal {
  const { state } = core;
  if (defaultToGlobal) return { mode: modeInScope(state, key) };
  const own = ownMode(state, key);
  return own ? { mode: own } : refuse("MODE_NOT_CONFIGURED", { subject: key });
}
