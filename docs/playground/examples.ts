/** A program to begin with, in both kinds. */
export interface Example {
  readonly title: string
  /** The page that it is from. */
  readonly page: string
  readonly core?: string
  readonly compat?: string
}
