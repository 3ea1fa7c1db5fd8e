/** Whether this process may compile text to code; content security policies and flags forbid it. */
export function evalAllowed(): boolean {
  allowed ??= probe();
  return allowed;
}

let allowed: boolean | undefined;

function probe(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}
