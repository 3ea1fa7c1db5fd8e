import { defineErrors } from "../base/index.ts";

/** Errors of the test environment itself; its parts have their own. */
export const testingErrors = defineErrors({
  TESTING_OPTION_INVALID: {
    message: "The test environment's {option} {value} is not valid: {reason}",
    hint: "Give the descriptors of topics that `typewire codegen` writes.",
  },
});
