/**
 * A program that serves until it is told to stop.
 *
 * @since 0.1.0
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { ListenOptions } from "node:net"
import type * as Duration from "effect/Duration"
import type { StopSignal } from "@effect-asyncio/core"

/**
 * How far a service is: `starting` until something listens or it is `ready`; `running`; `leaving` while it still takes requests, and its
 * health says 503; `draining` while those that it has end; `cancelling` them; `over`.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type ServiceState = "starting" | "running" | "leaving" | "draining" | "cancelling" | "over"

/**
 * Options of `serve`.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ServeOptions {
  /** The signals that stop it; SIGTERM and SIGINT by default. */
  readonly signals?: ReadonlyArray<StopSignal> | undefined
  /** The messages of a parent process, or of the main thread, that stop it; by default `"shutdown"`, which PM2 sends. */
  readonly messages?: ReadonlyArray<unknown> | undefined
  /** How long it still takes requests, with a health of 503, until load balancers know: Kubernetes' preStop delay. None by default. */
  readonly delay?: Duration.Input | undefined
  /** How long what was taken on may go on; 10 seconds by default. */
  readonly grace?: Duration.Input | undefined
  /** How long those that were cancelled after that may clean up; 5 seconds by default. */
  readonly cleanup?: Duration.Input | undefined
  /** Whether the process ends with it, with {@link ServeReport.exitCode}; it does by default. On a worker thread it is the thread. */
  readonly exit?: boolean | undefined
  /** Is given each line that it has to say; by default stderr is. */
  readonly log?: ((line: string) => void) | undefined
}

/**
 * A task that did not end, although it was cancelled.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface IgnoringWork {
  readonly name: string
  /** Where it stands, as `formatStack` has it. */
  readonly stack: string
  /** What it waits for; undefined where that is nothing of this package: a promise, a loop that does not look. */
  readonly waitingFor: string | undefined
}

/**
 * How a service has ended.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ServeReport {
  /** What has stopped it: a signal, a message, what `stop` was given; `"done"` where its main function returned and nothing was listening. */
  readonly reason: string
  /** 0, or where work was cut 128 and the signal's number, 1 where some did not even end then, or it failed. */
  readonly exitCode: number
  /** The names of those that were cancelled, because the grace was over or a second stop came. */
  readonly cut: ReadonlyArray<string>
  /** Those that did not end. */
  readonly ignoring: ReadonlyArray<IgnoringWork>
}

/**
 * What a service's main function is given, in both packages.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export interface ServiceHandle {
  readonly state: ServiceState
  /** Whether it was told to stop. */
  readonly stopping: boolean
  /** Stops it as a signal does: the second call hurries, the third ends the process. */
  stop(reason?: string): void
  /** Says that it is up, where it listens to nothing: a worker that takes jobs. */
  ready(): void
  /** Has a server, which other code has listen, closed with the service. Gives the server. */
  track<S extends TrackedServer>(server: S): S
  /** Calls `hook` when the service takes no more; what it gives is waited for as requests are. The last one is called first. */
  onStop(hook: () => unknown): void
  /** A handler of `node:http` for health checks: 200, and 503 as soon as it is to stop. */
  readonly health: (request: IncomingMessage, response: ServerResponse) => void
}

/**
 * A server as a service needs it: that of `node:http`, `node:https` or `node:net`.
 *
 * @category models
 * @stability unstable
 * @since 0.1.0
 */
export type TrackedServer = Pick<Server, "close" | "listening" | "on"> &
  Partial<Pick<Server, "closeAllConnections" | "closeIdleConnections">>

/** Where a server is to listen: a port, or what `server.listen` takes. */
export type ListenTarget = number | ListenOptions

export type { AddressInfo } from "node:net"
