/**
 * What a wait for several futures waits for.
 */

/**
 * When {@link wait} returns.
 *
 * @category models
 * @since 0.1.0
 */
export type ReturnWhen = "FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED"
