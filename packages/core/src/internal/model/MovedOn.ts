/**
 * What a `moveOn` gives.
 */

/**
 * How the body of a {@link moveOn} has ended: in time, with its value, or cut short.
 *
 * @category models
 * @since 0.1.0
 */
export type MovedOn<A> =
  | { readonly timedOut: false; readonly value: A }
  | { readonly timedOut: true; readonly value: undefined }
