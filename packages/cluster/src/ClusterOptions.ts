/**
 * What the layers of a cluster are told.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type { Definition, Worker } from "./Definition.ts"

/**
 * Options that all layers of a cluster have.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ClusterOptions<R = never> {
  /** What this process runs. Without any it is a client only. */
  readonly workers?: ReadonlyArray<Worker<R>> | undefined
  /**
   * The definitions whose tasks it creates, beside those that it runs. A task of another one is found by its worker at the next poll, up to
   * a second later.
   */
  readonly definitions?: ReadonlyArray<Definition<any, any, any, any>> | undefined
  /**
   * How long tasks that run here may go on when this process ends, or another worker takes some of its tasks over; then they are
   * cancelled, with the kind `"shutdown"`, and begun again elsewhere. 10 seconds by default.
   */
  readonly drain?: Duration.Input | undefined
  /** How long something may keep tasks from being done before it counts among the `troubles`. 15 seconds by default. */
  readonly patience?: Duration.Input | undefined
  /** What this process is called, in 1 to 200 characters, with a suffix of its own: `HOST:PID` by default. */
  readonly name?: string | undefined
}
