/** Where in a value an error is, as a reader of JavaScript would write it: `value.items[3].qty`. */

import type { DetailsOf, TypewireError } from "../base/index.ts";
import type { CodecFault, CodecFaultCode } from "./codec-fault.ts";
import { avroErrors } from "./errors.ts";

/** Field names, map keys and array indexes from the root to a value. */
export type Path = (string | number)[];

type FaultDetails = DetailsOf<(typeof avroErrors.rows)[CodecFaultCode]>;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The path as text. */
export function pathText(path: Readonly<Path>): string {
  let text = "value";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += IDENTIFIER.test(part) ? `.${part}` : `["${part}"]`;
  }
  return text;
}

/** The error of a fault at a path; `offset` is the byte where the value starts. */
export function faultError(fault: CodecFault, path: Readonly<Path>, offset: number): TypewireError {
  const details = { path: pathText(path), offset, ...fault.details };
  // The functions that make faults give each kind the details of its row.
  return avroErrors.create(fault.code, details as unknown as FaultDetails, fault);
}
