/**
 * Several failures as one.
 *
 * @since 0.1.0
 */
export { type ErrorClass, type ErrorMatcher, ExceptionGroup } from "./internal/model/ExceptionGroup.ts"
