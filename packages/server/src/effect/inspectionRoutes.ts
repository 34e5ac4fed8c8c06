/**
 * Tasks and metrics by HTTP, for Effect's router.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { InspectionOptions } from "../inspection.ts"
import { Inspecting, metricsTold, tasksTold, type Told } from "../internal/inspecting.ts"

/**
 * Two routes for a router: `/tasks`, which tasks there are, as JSON; and `/metrics`, what the program measures, in the text format of Prometheus.
 *
 * **Details**
 *
 * They are safe by default: they change nothing, and answer only programs of the same machine, or with the option `token` every client that sends that.
 * `/metrics` has all metrics of Effect; with the layer `taskMetrics` of core there are those of tasks among them.
 *
 * Throws a TypeError or a ValueError for options that cannot be meant.
 *
 * **Cancellation**
 *
 * They answer at once.
 *
 * **asyncio**
 *
 * No such thing: [`python -m asyncio ps`](https://docs.python.org/3/whatsnew/3.14.html#asyncio-introspection-capabilities) reads the memory of the
 * process.
 *
 * **Example** (Routes below a path of their own)
 *
 * ```ts import.meta.vitest
 * import { inspectionRoutes } from "@effect-asyncio/server/effect"
 * import { HttpRouter } from "effect/http"
 *
 * const routes = inspectionRoutes({ path: "/internal", token: "a-secret-of-this-page" })
 * const { dispose, handler } = HttpRouter.toWebHandler(routes, { disableLogger: true })
 * const ask = (headers: Record<string, string>) => handler(new Request("http://localhost/internal/tasks", { headers }))
 * const statuses = [(await ask({})).status, (await ask({ authorization: "Bearer a-secret-of-this-page" })).status]
 * await dispose()
 * statuses // => [401, 200]
 * ```
 *
 * @category introspection
 * @stability unstable
 * @since 0.1.0
 */
export const inspectionRoutes = (
  options: InspectionOptions & {
    /** What stands before `/tasks` and `/metrics`; nothing by default. */
    readonly path?: `/${string}` | undefined
  } = {}
): Layer.Layer<never, never, HttpRouter.HttpRouter> => {
  const inspecting = new Inspecting(options, "inspectionRoutes()")
  const { path = "" } = options
  const route = (name: string, tell: (context: Context.Context<never>) => Told) =>
    HttpRouter.add(
      "GET",
      `/${path}/${name}`.replace(/\/+/g, "/") as `/${string}`,
      Effect.withFiber<HttpServerResponse.HttpServerResponse, never, HttpServerRequest>((fiber) => {
        const { headers, peerAddress } = Context.getUnsafe(
          fiber.context as Context.Context<HttpServerRequest>,
          HttpServerRequest
        )
        const refusal = inspecting.refusal({ headers, address: Option.getOrUndefined(peerAddress) })
        const { body, headers: told, status } = refusal ?? tell(fiber.context)
        return Effect.succeed(HttpServerResponse.text(body, { status, headers: told }))
      })
    )
  return Layer.mergeAll(route("tasks", tasksTold), route("metrics", metricsTold))
}
