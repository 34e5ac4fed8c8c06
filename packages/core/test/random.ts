/** What random programs are made of: numbers that only a seed decides, so that a program that fails can be run again alone. */

/** Gives a whole number from zero up to `below`, each time another one (mulberry32). */
export type Random = (below: number) => number

/** Numbers that look random, the same for the same seed. */
export const makeRandom = (seed: number): Random => {
  let state = seed * 2654435761
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** One to four. */
export const several = <A>(random: Random, make: () => A): ReadonlyArray<A> =>
  Array.from({ length: 1 + random(4) }, make)
