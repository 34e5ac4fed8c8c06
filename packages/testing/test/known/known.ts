/**
 * What has gone wrong in programs that people use, as something to find.
 *
 * Each is written anew and as short as it can be: what was wrong about it is there, and the mending beside it. The table of
 * docs/testing-concurrent-code.md is made of them.
 */
export interface Known {
  /** Where it was found, as a reader knows it: `effect#6638`. */
  readonly name: string
  readonly url: string
  /** What goes wrong, in half a sentence. */
  readonly about: string
  /** What searches: `sweep`, with what it has to be told. */
  readonly search: string
  /** Searches, and has to fail. */
  readonly find: () => Promise<unknown>
  /** The same search where it is mended. */
  readonly mended: () => Promise<unknown>
}
