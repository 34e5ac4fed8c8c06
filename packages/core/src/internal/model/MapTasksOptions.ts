/**
 * How `mapTasks` maps.
 */

/**
 * Options of {@link mapTasks}.
 *
 * @category models
 * @since 0.1.0
 */
export interface MapTasksOptions {
  /** How many run at a time: a whole number of 1 or more; `Infinity` reads all items at once. */
  readonly concurrency: number
  /** The order of the results: that of the items, or that in which they are done. */
  readonly order?: "items" | "completed" | undefined
  /**
   * What becomes of the rest when one fails: it is cancelled, the default, or goes on (`"collect"`). In both cases `mapTasks` fails in the
   * end, with all failures.
   */
  readonly onFailure?: "cancel" | "collect" | undefined
  /** Gives how each item has ended instead of failing, as `gather` does; the rest goes on. */
  readonly returnExceptions?: boolean | undefined
}
