/**
 * Calls of Effect's RPC servers as tasks.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RpcMiddleware from "effect/rpc/RpcMiddleware"
import * as RpcSchema from "effect/rpc/RpcSchema"
import * as Schema from "effect/Schema"
import { EffectLimits, handle } from "../internal/effectRequest.ts"
import { admission } from "../internal/inFlight.ts"
import type { RequestTaskOptions } from "./requestTask.ts"

/**
 * What a caller is told whose call was not handled to its end: {@link RequestError}, as it goes over the wire.
 *
 * @category errors
 * @stability unstable
 * @since 0.1.0
 */
export class RpcRequestError extends Schema.TaggedError<RpcRequestError>("@effect-asyncio/server/RpcRequestError")(
  "RpcRequestError",
  {
    message: Schema.String,
    /** The kind of the cancellation that has ended it; not there where it never began, because too many others were there. */
    kind: Schema.optional(Schema.String),
    /** After how many seconds to ask again, where that may help. */
    retryAfter: Schema.optional(Schema.Number)
  }
) {}

/**
 * Middleware for a group of RPCs: each call runs in a task of its own, `RPC GetUser`, with the tag, the client and the request as labels.
 *
 * **Details**
 *
 * Its layer is {@link rpcTasks}. A call that was not handled to its end fails with an {@link RpcRequestError}, which the clients' types have. The
 * `timeout` is for calls with one answer: a stream may take as long as it likes, and is a part of its task until its end.
 *
 * **Cancellation**
 *
 * A caller that is gone, or has interrupted its call, cancels the task with the kind `"disconnect"`.
 *
 * **asyncio**
 *
 * No such thing: asyncio has no calls of other processes, only the pipes of
 * [`asyncio.create_subprocess_exec`](https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.create_subprocess_exec).
 *
 * **Example** (A call that knows its task)
 *
 * ```ts import.meta.vitest
 * import * as asyncio from "@effect-asyncio/core"
 * import { RpcTasks, rpcTasks } from "@effect-asyncio/server/effect"
 * import { Effect, Schema } from "effect"
 * import { Rpc, RpcGroup, RpcTest } from "effect/rpc"
 *
 * class Users extends RpcGroup.make(
 *   Rpc.make("WhoAmI", { success: Schema.String })
 * ).middleware(RpcTasks) {}
 *
 * const users = Users.toLayer({ WhoAmI: () => Effect.map(asyncio.currentTask, (task) => task.getName()) })
 *
 * const main = Effect.gen(function*() {
 *   const client = yield* RpcTest.makeClient(Users)
 *   return yield* client.WhoAmI()
 * }).pipe(Effect.scoped, Effect.provide([users, rpcTasks({ timeout: "30 seconds" })]))
 *
 * await asyncio.run(main) // => "RPC WhoAmI"
 * ```
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export class RpcTasks extends RpcMiddleware.Service<RpcTasks>()("@effect-asyncio/server/RpcTasks", {
  error: RpcRequestError
}) {}

/**
 * Options of {@link rpcTasks}.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type RpcTasksOptions = Omit<RequestTaskOptions, "respond" | "timeoutStatus">

/**
 * The layer of {@link RpcTasks}, with its limits: all groups that it is provided to share them.
 *
 * Throws a TypeError or a ValueError for options that cannot be meant.
 *
 * @category requests
 * @stability unstable
 * @since 0.1.0
 */
export const rpcTasks = (options: RpcTasksOptions = {}): Layer.Layer<RpcTasks> => {
  const limits = new EffectLimits(options, "rpcTasks()")
  return Layer.succeed(RpcTasks)((call, { client, headers, requestId, rpc }) =>
    handle(call, {
      name: `RPC ${rpc._tag}`,
      labels: { rpc: rpc._tag, client: client.id, id: String(requestId) },
      limits,
      timeout: RpcSchema.isStreamSchema(rpc.successSchema) ? undefined : limits.timeoutFor((name) => headers[name]),
      // Interrupted by the client, or because the connection has ended; if that is the service's doing, it is not the client's.
      isGone: () => admission() === "open",
      refuse: ({ headers: told, kind, message }) => {
        const seconds = told["retry-after"]
        return Effect.fail(
          new RpcRequestError({ message, kind, retryAfter: seconds === undefined ? undefined : Number(seconds) })
        )
      }
    })
  )
}
