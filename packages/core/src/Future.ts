/**
 * Futures: results that will be there later.
 *
 * @since 0.1.0
 */
export { FutureTypeId } from "./internal/model/typeIds.ts"
export { type Future, isFuture } from "./internal/model/Future.ts"
