/**
 * What a client has begun to ask, and may never come back for.
 */

/** The oldest is forgotten when there is so much. */
const mostUnfinished = 16

/** The numbers that were given. Whatever is asked for has one of its own. */
export interface Numbers {
  last: number
}

/** Keeps something under a number of its own. */
export const keep = <T>(map: Map<number, T>, numbers: Numbers, value: T): number => {
  for (const first of map.keys()) if (map.size >= mostUnfinished) map.delete(first)
  map.set(++numbers.last, value)
  return numbers.last
}
