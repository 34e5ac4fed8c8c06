/** A way of using a library, and how each of the seven ways of a cancellation went. */
export interface Row {
  readonly library: string
  readonly operation: string
  readonly means: "signal" | "abortable" | "inside"
  readonly recipe?: string
  /** How often it was repeated in the last of the ways. */
  readonly rounds: number
  readonly ways: Readonly<Record<string, "right" | "wrong" | "skipped">>
}

/** What `npm run dev -- ecosystem --save` keeps. */
export interface Results {
  readonly node: string
  readonly rounds: number
  readonly rows: ReadonlyArray<Row>
}

export declare const libraryResults: () => Results
export declare const sectionOf: (library: string) => string | undefined
export declare const verdictOf: (row: Row) => string
/** The text of docs/with-your-libraries.md. */
export declare const librariesDoc: () => string
export declare const librariesDocPath: string
