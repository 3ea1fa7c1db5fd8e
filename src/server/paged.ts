/** Paging as the API reads it. */

/** Entries of a list that names no maximum of its own, when `limit` is absent or above this. */
export const LIST_LIMIT = 1000;

/**
 * A limit that is absent, not positive, or above the maximum is the default, which is the maximum
 * (Confluent); a negative offset counts as absent.
 */
export function paged<Query extends { readonly offset?: number; readonly limit?: number }>(
  query: Query,
  limitMax?: number,
): Query {
  const { offset = 0, limit, ...rest } = query;
  const usable = limit !== undefined && limit > 0 && (limitMax === undefined || limit <= limitMax);
  const effective = usable ? limit : limitMax;
  return {
    ...rest,
    ...(offset > 0 ? { offset } : {}),
    ...(effective === undefined ? {} : { limit: effective }),
  } as Query;
}
