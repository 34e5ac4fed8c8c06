/** A message that the library can produce. */
export interface ErrorMessage {
  /** With a `…` for each part that is filled in. */
  readonly message: string
  readonly file: string
  /** The class it is made with, empty for a report. */
  readonly kind: string
  /** When a user meets it, `undefined` where the source does not say. */
  readonly when: string | undefined
  /** What to do about it, as the error itself says. */
  readonly hint: string | undefined
}

/** A class of errors, as its docstring explains it. */
export interface ErrorClass {
  readonly name: string
  readonly happened: string
  /** Empty where the source does not say. */
  readonly todo: string
}

export declare const errorMessages: () => ReadonlyArray<ErrorMessage>
export declare const errorClasses: () => ReadonlyArray<ErrorClass>
/** What the rules of the ESLint plugin say. */
export declare const lintMessages: () => ReadonlyArray<{ readonly rule: string; readonly message: string }>
