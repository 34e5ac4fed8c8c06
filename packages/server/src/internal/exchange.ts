/**
 * A request and its answer, as a framework has them.
 */
import type { ServerResponse } from "node:http"
import type { CancelledRequest } from "../RequestTasks.ts"

/** What is told of the client. */
export interface Client {
  /** Nothing goes to the client any more: all was sent, or the client is gone. */
  closed(gone: boolean): void
}

export interface Exchange {
  readonly method: string
  /** The pattern of the path, as the framework knows it: `/users/:id`. */
  readonly route: string
  /** What the log knows the request by, if it has an id already. */
  readonly id: string | number | undefined
  /** A header of the request. */
  header(name: string): string | undefined
  /** Whether the answer has begun, so that no other can be given. */
  readonly answered: boolean
  /** Whether all of the answer was handed over, though it may not have been sent. */
  readonly ended: boolean
  /** Whether nothing can be sent to the client any more. */
  readonly closed: boolean
  /** Tells `client` when nothing goes to the client any more. */
  watch(client: Client): void
  /** Has the connection end with this answer. */
  closeAfterwards(): void
  /** Answers with an error of ours, where the handler has returned and did not answer. */
  fail(error: Error): void
  /** The client waits for no answer any more. Gives what the framework is given in its place. */
  abandon(): unknown
  /** Ends the connection in the middle of an answer. */
  hangUp(): void
  /** Notes in the framework's log that the task has ended cancelled. */
  noteCancelled?(request: CancelledRequest): void
}

/** What the answers of Node.js have in common, HTTP/2 included. */
export type NodeResponse = Pick<
  ServerResponse,
  "closed" | "destroy" | "headersSent" | "on" | "setHeader" | "writableEnded" | "writableFinished"
>

/** A part of an {@link Exchange} that answers by a response of Node.js. */
export abstract class NodeExchange implements Exchange {
  abstract readonly method: string
  abstract readonly route: string
  abstract readonly id: string | number | undefined
  readonly response: NodeResponse

  constructor(response: NodeResponse) {
    this.response = response
  }

  abstract header(name: string): string | undefined
  abstract fail(error: Error): void

  get answered(): boolean {
    return this.response.headersSent
  }

  get ended(): boolean {
    return this.response.writableEnded
  }

  get closed(): boolean {
    return this.response.closed
  }

  watch(client: Client): void {
    const { response } = this
    // HTTP/2 says of a stream that was reset that it is finished.
    response.on("close", () => client.closed(!response.writableEnded || !response.writableFinished))
  }

  closeAfterwards(): void {
    const { response } = this
    if (!response.headersSent) response.setHeader("connection", "close")
  }

  abandon(): unknown {
    return undefined
  }

  hangUp(): void {
    this.response.destroy()
  }
}

/** The text of a header of Node.js, which may be there more than once. */
export const textOf = (header: string | ReadonlyArray<string> | undefined): string | undefined =>
  header === undefined || typeof header === "string" ? header : header[0]
