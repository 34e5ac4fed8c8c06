// A part of what a command goes through: `--slice 3/8` is the third of eight, each with every eighth of all.

/** What keeps a part of a list; undefined where `slice` is no such part. */
export const sliceOf = (slice: string): (<A>(all: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined => {
  const [, part = 0, parts = 0] = (/^(\d+)\/(\d+)$/.exec(slice) ?? []).map(Number)
  return part < 1 || part > parts ? undefined : (all) => all.filter((_, index) => index % parts === part - 1)
}

/** What to say then. */
export const noSlice = (slice: string): string =>
  `--slice wants a part and a number of parts, as in 3/8; here it was ${slice}`
