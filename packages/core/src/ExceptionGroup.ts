/**
 * Several failures as one.
 *
 * @since 0.1.0
 */
export type { ErrorClass } from "./internal/model/errorClasses.ts"
export { type ErrorMatcher, ExceptionGroup } from "./internal/model/ExceptionGroup.ts"
