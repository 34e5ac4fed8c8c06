/**
 * What can go wrong between the process that wants something done and the one that does it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { innermost } from "./internal/innermost.ts"

/**
 * A payload that does not fit the schema of its definition.
 *
 * **Details**
 *
 * On the `"client"`, before anything was sent; or at the `"worker"`, whose program has another schema than the client's: one of the two is older.
 * A payload of yesterday is decoded by the worker of today, so that a new field needs a default.
 *
 * **Example** (Before anything is sent)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const resize = cluster.task("resize", { payload: Schema.Struct({ width: Schema.Number }) })
 * const fromJavaScript = { width: "wide" } as never
 *
 * const main = Effect.flip(cluster.createTask(resize, fromJavaScript))
 *
 * const error = await asyncio.run(Effect.provide(main, cluster.embedded()))
 * error instanceof cluster.PayloadError && error.where // => "client"
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class PayloadError extends Data.TaggedError("PayloadError")<{
  readonly definition: string
  readonly where: "client" | "worker"
  /** What the schema says. */
  readonly problem: string
}> {
  override get message(): string {
    const whose =
      this.where === "client" ? "does not fit its schema" : "does not fit the schema of the worker that got it"
    return `the payload of a task of "${this.definition}" ${whose}: ${this.problem}`
  }
}

/**
 * A result that cannot be handed over: it does not fit the schema of its definition, on the worker or on the client, or is larger than the limit.
 *
 * **Example** (Longer than the limit)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect, Schema } from "effect"
 *
 * const dump = cluster.task("dump", { success: Schema.String, limit: 10 })
 * const worker = dump.worker(() => Effect.succeed("far too much"))
 *
 * const main = Effect.flatMap(cluster.createTask(dump, undefined), Effect.flip)
 *
 * const error = await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] })))
 * error instanceof cluster.ResultError && error.problem // => "it has 14 characters as JSON, and the limit is 10"
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class ResultError extends Data.TaggedError("ResultError")<{
  readonly definition: string
  readonly problem: string
}> {
  override get message(): string {
    return `the result of a task of "${this.definition}" cannot be handed over: ${this.problem}`
  }
}

/**
 * There is a task of this name, and another was not to be joined: `ifExists: "fail"`, or it is one of another definition.
 *
 * **Example** (A name that is taken)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const send = cluster.task("send")
 *
 * const main = Effect.gen(function*() {
 *   yield* cluster.submit(send, undefined, { name: "mail 1" })
 *   return yield* Effect.flip(cluster.submit(send, undefined, { name: "mail 1", ifExists: "fail" }))
 * })
 *
 * const error = await asyncio.run(Effect.provide(main, cluster.embedded()))
 * error.message // => 'there is a task of the name "mail 1" already, of the definition "send"'
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class TaskExistsError extends Data.TaggedError("TaskExistsError")<{
  /** The name. */
  readonly task: string
  /** The definition of the task that is there. */
  readonly definition: string
}> {
  override get message(): string {
    return `there is a task of the name "${this.task}" already, of the definition "${this.definition}"`
  }
}

/**
 * There is no task of this name: none was created, it is one of another definition, or it is not kept any more.
 *
 * **Example** (A name that was not used)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const send = cluster.task("send")
 *
 * const main = Effect.flip(cluster.joinTask(send, "mail 1"))
 *
 * const error = await asyncio.run(Effect.provide(main, cluster.embedded()))
 * error.message // => 'there is no task of the name "mail 1" and the definition "send", or none any more'
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class NoSuchTaskError extends Data.TaggedError("NoSuchTaskError")<{
  /** The name. */
  readonly task: string
  /** The definition that was asked for. */
  readonly definition: string
}> {
  override get message(): string {
    return `there is no task of the name "${this.task}" and the definition "${this.definition}", or none any more`
  }
}

/**
 * A task that did not begin within its `startWithin`, and now never will.
 *
 * **Example** (Without a worker)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Effect } from "effect"
 *
 * const send = cluster.task("send")
 *
 * const main = Effect.gen(function*() {
 *   const task = yield* cluster.createTask(send, undefined, { name: "mail 1", startWithin: 10 })
 *   return yield* Effect.flip(task)
 * })
 *
 * const error = await asyncio.run(Effect.provide(main, cluster.embedded()))
 * error instanceof cluster.NotStartedError && [error.task, error.served] // => ["mail 1", false]
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class NotStartedError extends Data.TaggedError("NotStartedError")<{
  /** The name. */
  readonly task: string
  readonly definition: string
  /** Whether there was a worker for it, which had no place. */
  readonly served: boolean
}> {
  override get message(): string {
    const why = this.served ? "its workers have no place" : "no worker serves its definition"
    return `the task "${this.task}" of "${this.definition}" did not begin in time: ${why}`
  }
}

/**
 * The database did not answer, so that nothing was created. What was created is not affected by a database that is away: it is waited for.
 *
 * **Example** (No database listens)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { postgres } from "@effect-asyncio/cluster/postgres"
 * import { Effect } from "effect"
 *
 * const nowhere = postgres({ url: "postgresql://127.0.0.1:1/tasks" })
 *
 * const error = await asyncio.run(Effect.flip(Effect.provide(Effect.void, nowhere)))
 * error instanceof cluster.DatabaseError // => true
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class DatabaseError extends Data.TaggedError("DatabaseError")<{ readonly cause: unknown }> {
  override get message(): string {
    return `the database of the cluster did not answer: ${innermost(this.cause)}`
  }
}

/**
 * A defect of a task in another process, as text: its error's name, message and stack.
 *
 * **Example** (What a worker throws)
 *
 * ```ts import.meta.vitest
 * import * as cluster from "@effect-asyncio/cluster"
 * import * as asyncio from "@effect-asyncio/core"
 * import { Cause, Effect, Exit } from "effect"
 *
 * const broken = cluster.task("broken")
 * const worker = broken.worker(() => Effect.die(new TypeError("no such image")))
 *
 * const main = Effect.flatMap(cluster.createTask(broken, undefined), Effect.exit)
 *
 * const exit = await asyncio.run(Effect.provide(main, cluster.embedded({ workers: [worker] })))
 * Exit.isFailure(exit) && String(Cause.squash(exit.cause)) // => "TypeError: no such image"
 * ```
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class RemoteDefect extends Error {
  override readonly name: string
  /** The stack of the error where it was thrown. */
  readonly remoteStack: string | undefined

  constructor(defect: { readonly name: string; readonly message: string; readonly stack?: string | undefined }) {
    super(defect.message)
    this.name = defect.name
    this.remoteStack = defect.stack
    if (defect.stack !== undefined) this.stack = defect.stack
  }
}
