// A part of what a command goes through: `--slice 3/8` is the third of eight, each with every eighth of all. Where there is time for
// some of them only, `--from 1000` begins with another one than `--from 1001`, so that in time each of them is run.

/** What keeps a part of a list; undefined where `slice` is no such part. */
export const sliceOf = (slice: string): (<A>(all: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined => {
  const [, part = 0, parts = 0] = (/^(\d+)\/(\d+)$/.exec(slice) ?? []).map(Number)
  return part < 1 || part > parts ? undefined : (all) => all.filter((_, index) => index % parts === part - 1)
}

/** What to say then. */
export const noSlice = (slice: string): string =>
  `--slice wants a part and a number of parts, as in 3/8; here it was ${slice}`

/** A list from an item on, those before it at the end; items are counted round and round, so that any number will do. */
export const startingAt = <A>(number: number, all: ReadonlyArray<A>): ReadonlyArray<A> => {
  const begin = number % Math.max(all.length, 1)
  return [...all.slice(begin), ...all.slice(0, begin)]
}
