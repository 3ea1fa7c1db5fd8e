/** Takes one page; stops as soon as it is full. */

/** Which part of a list is asked for. */
export interface Paging {
  readonly offset?: number;
  /** `undefined`: all that come after `offset`. */
  readonly limit?: number;
}

/** The items from `offset` on, at most `limit` of them (all when it is left out). */
export function paged<T>(items: Iterable<T>, { offset = 0, limit }: Paging): T[] {
  const page: T[] = [];
  let index = 0;
  if (limit !== undefined && limit <= 0) return page;
  for (const item of items) {
    if (index++ < offset) continue;
    page.push(item);
    if (page.length === limit) break;
  }
  return page;
}
