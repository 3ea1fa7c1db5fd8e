/** Names and addresses of hosts, as requests and settings spell them. */
import { isIP, isIPv4 } from "node:net";

/**
 * The name in a host with or without a port: lower case, an address as browsers write it, without
 * brackets; `undefined` for what is no host.
 */
export function hostName(host: string): string | undefined {
  const url = `http://${host}`;
  if (/[/@\\?#\s]/.test(host) || !URL.canParse(url)) return undefined;
  return plainName(new URL(url).hostname);
}

/** {@link hostName} of a host that has no port; an IPv6 address needs no brackets. */
export function portlessName(text: string): string | undefined {
  if (isIP(text) === 6) return hostName(`[${text}]`);
  return /:\d*$/.test(text.replace(/^\[.*\]$/, "")) ? undefined : hostName(text);
}

/** Whether a name or an address means the machine itself, wherever it is looked up. */
export function isLoopback(text: string): boolean {
  const name = plainName(text);
  if (isIP(name) !== 0) return name === "::1" || (isIPv4(name) && name.startsWith("127."));
  return name === "localhost" || name.endsWith(".localhost");
}

/** Without brackets, without the dot at the end, and an IPv4 address that is written as IPv6 as itself. */
export function plainName(text: string): string {
  const name = text
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
  const mapped = /^::ffff:(?:([\d.]+)|([\da-f]{1,4}):([\da-f]{1,4}))$/.exec(name);
  if (mapped === null) return name;
  const [, dotted, high = "", low = ""] = mapped;
  if (dotted !== undefined) return dotted;
  const units = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return units.flatMap((unit) => [unit >> 8, unit & 255]).join(".");
}

/**
 * What one client may hold addresses of: an IPv4 address, or the first half of an IPv6 address, which is
 * what networks give to one customer.
 */
export function networkOf(address: string): string {
  const name = plainName(address.replace(/%.*$/, ""));
  if (isIP(name) !== 6) return name;
  const [head = "", tail] = name.split("::");
  const first = head === "" ? [] : head.split(":");
  if (tail === undefined) return first.slice(0, 4).join(":");
  const last = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return [...first, ...zeros, ...last].slice(0, 4).join(":");
}
