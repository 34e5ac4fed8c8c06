/**
 * Serving until a signal comes, with async functions.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import type { AddressInfo, ListenTarget, ServeOptions, ServeReport, ServiceHandle, TrackedServer } from "./Service.ts"
import { ofTheService, ServiceImpl } from "./internal/service.ts"

/**
 * What the main function of {@link serve} is given.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface Service extends ServiceHandle {
  /** Has a server listen, and closed with the service. Resolves with its address; rejects with what it fails with. */
  listen(
    server: TrackedServer & { listen(target: ListenTarget): unknown; address(): AddressInfo | string | null },
    target: ListenTarget
  ): Promise<AddressInfo | string | null>
  /** Resolves when it was told to stop, and all that it has taken on is over: what comes behind it can close a database. */
  drained(): Promise<void>
}

/**
 * Runs a service: an async function that has servers listen. It goes on until a signal comes, and then ends, also where requests
 * do not.
 *
 * **Details**
 *
 * The first signal has it take no more: its health says 503, its servers close, connections on which nothing is asked end. What it has
 * taken on may go on for the `grace`: requests that are tasks, sockets, jobs, what they have detached, and `main` itself, unless that
 * waits for `service.drained()`. What is left then is cancelled with the kind `"shutdown"`, and may clean up for the `cleanup`; what is
 * left after that is named, with its stack and what it waits for, and the process ends without it. A second signal cancels at once, a
 * third ends the process.
 *
 * Resolves with a report, and has the process end with its `exitCode`: 0 where all came to its end, 143 where something was cancelled after
 * SIGTERM, 130 after Ctrl-C, 1 where something did not end. Rejects with what `main` fails with. A signal that comes before anything
 * listens cancels `main`.
 *
 * **Cancellation**
 *
 * By `service.stop()`, as by a signal.
 *
 * **asyncio**
 *
 * No such function. [`asyncio.run`](https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption) cancels the main
 * task at Ctrl-C; what is beyond that, servers such as uvicorn write themselves.
 *
 * **Example** (A server, which stops itself for this page)
 *
 * ```ts import.meta.vitest
 * import { serve } from "@effect-asyncio/server"
 * import { requestListener } from "@effect-asyncio/server/node"
 * import { createServer } from "node:http"
 *
 * const lines: Array<string> = []
 * const report = await serve(
 *   async (service) => {
 *     const server = createServer(requestListener((_, response) => void response.end("Hello")))
 *     await service.listen(server, 0)
 *     service.stop("enough")
 *     await service.drained()
 *     lines.push("the database is closed")
 *   },
 *   { exit: false }
 * )
 * const seen = [lines, report.reason, report.exitCode]
 * seen // => [["the database is closed"], "enough", 0]
 * ```
 *
 * @category running
 * @stability unstable
 * @since 0.1.0
 */
export const serve = (
  main: (service: Service) => unknown,
  options: ServeOptions & Omit<asyncio.RunOptions, "grace" | "handleSigint" | "signals"> = {}
): Promise<ServeReport> => {
  const service = new CompatService(options)
  const body = async () => {
    service.begin(asyncio.getRunningLoop().core, asyncio.currentTask()!.core)
    await main(service)
    await service.drained()
  }
  return service.serve(() => asyncio.run(body, { name: "main", ...options, ...ofTheService }), options)
}

class CompatService extends ServiceImpl implements Service {
  async listen(server: Parameters<Service["listen"]>[0], target: ListenTarget): Promise<AddressInfo | string | null> {
    return await asyncio.abortable(this.listenTo(server as never, target))
  }

  async drained(): Promise<void> {
    await asyncio.Future.of(this.whenDrained())
  }
}
