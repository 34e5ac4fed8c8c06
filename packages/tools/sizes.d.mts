/** A program and its size in bytes. */
export interface Size {
  readonly name: string
  readonly bytes: number
}

/** What the programs weigh now. */
export declare const measure: () => Promise<ReadonlyArray<Size>>
/** The rows of the table in README.md. */
export declare const committed: () => ReadonlyArray<Size>
