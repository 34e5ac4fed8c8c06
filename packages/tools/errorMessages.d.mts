/** A message that the library can produce. */
export interface ErrorMessage {
  /** With a `…` for each part that is filled in. */
  readonly message: string
  readonly file: string
  /** The class it is made with, where that stands at the same place. */
  readonly kind: string
}

export declare const errorMessages: () => ReadonlyArray<ErrorMessage>
