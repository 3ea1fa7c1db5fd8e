import { defineErrors } from "../base/index.ts";

/** Errors of the registry server at start; what clients see are the rows of `src/api/refusals.ts`. */
export const serverErrors = defineErrors({
  SERVER_LISTEN_FAILED: {
    message: "The registry cannot listen on {host}:{port}: {reason}",
    hint: "Choose another port with --port (0 takes any free one), or stop what listens there.",
  },
  SERVER_OPTION_INVALID: {
    message: "The registry's option {option} {value} is not valid: {reason}",
    hint: "docs/registry.md lists the settings and their values.",
  },
});
