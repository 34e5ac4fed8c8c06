/**
 * The messages that clients send to Effect's server, as far as they say what its middleware is not told: the id of a request, and why it
 * is cancelled.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as McpServer from "effect/ai/McpServer"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { cancelCall, disconnect, type RequestKey } from "./effectCalls.ts"

/** Where a call over standard input has its key, among the `_meta` of its parameters. */
const KEY = "effect-asyncio/request"

interface Message {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: { readonly _meta?: object; readonly requestId?: unknown; readonly reason?: unknown }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const isId = (id: unknown): id is string | number => typeof id === "string" || typeof id === "number"

/** What the text is as JSON; undefined where it is none. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Cancels what the message cancels. False where it is for the server. */
const takeCancellation = (connection: string, { method, params }: Message): boolean => {
  if (method !== "notifications/cancelled" || !isId(params?.requestId)) return false
  return cancelCall({ connection, id: params.requestId }, typeof params.reason === "string" ? params.reason : undefined)
}

/** The line as the server is to read it; nothing where it has not to. */
const lineFor = (connection: string, line: string): ReadonlyArray<string> => {
  const message = parse(line)
  // The server would lose what has come with it, and read no more for half a second.
  if (!isObject(message)) return []
  if (takeCancellation(connection, message)) return []
  const { id, method, params } = message as Message
  if (method !== "tools/call" || !isId(id) || !isObject(params)) return [`${line}\n`]
  const _meta = { ...params._meta, [KEY]: { connection, id } satisfies RequestKey }
  return [`${JSON.stringify({ ...message, params: { ...params, _meta } })}\n`]
}

/** Standard input with the keys of its calls, and without the cancellations of those that run. */
export const tapped = <E>(stdin: Stream.Stream<Uint8Array, E>): Stream.Stream<Uint8Array, E> => {
  const connection = crypto.randomUUID()
  return stdin.pipe(
    Stream.decodeText,
    Stream.splitLines,
    // One at a time: a cancellation is looked at when the server has what came before it.
    Stream.rechunk(1),
    Stream.map((line) => lineFor(connection, line)),
    Stream.flattenIterable,
    Stream.encodeText,
    Stream.onEnd(Effect.sync(() => disconnect(connection)))
  )
}

/** Passes on a request over HTTP, unless it cancels a call that runs. */
export const tappedHttp = <E, R>(next: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.withFiber((fiber): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R> => {
    const request = Context.getOrUndefined(fiber.context, HttpServerRequest)
    const session = request?.headers[SESSION]
    if (request?.method !== "POST" || session === undefined) return next
    return Effect.flatMap(bodyOf(request), (message) =>
      takeCancellation(session, message) ? Effect.succeed(HttpServerResponse.empty({ status: 202 })) : next
    )
  })

const SESSION = "mcp-session-id"

// The request keeps what was read of it, for the server.
const bodyOf = (request: HttpServerRequest): Effect.Effect<Message> =>
  Effect.map(
    Effect.orElseSucceed(request.text, () => ""),
    (text) => {
      const message = parse(text)
      return isObject(message) ? message : {}
    }
  )

/** What a call has among its `_meta`: the protocol of 2026-07-28 has it in the context of the request, those before with the parameters. */
export const metaOf = ({
  payload,
  requestContext
}: McpServer.MiddlewareOptions): Readonly<Record<string, unknown>> => ({
  ...requestContext.requestMetadata,
  ...(payload as { readonly _meta?: object })._meta
})

/** The id of the request that the current fiber answers, where it is known, and the key by which it can be cancelled. */
export const requestOf = (given: McpServer.MiddlewareOptions): Effect.Effect<RequestFacts> =>
  Effect.withFiber((fiber) => {
    const request = Context.getOrUndefined(fiber.context, HttpServerRequest)
    if (request === undefined) {
      const key = metaOf(given)[KEY] as RequestKey | undefined
      return Effect.succeed({ id: key?.id, key })
    }
    return Effect.map(bodyOf(request), ({ id }) => ({
      id: isId(id) ? id : undefined,
      key: isId(id) && given.sessionId !== undefined ? { connection: given.sessionId, id } : undefined
    }))
  })

export interface RequestFacts {
  readonly id: string | number | undefined
  readonly key: RequestKey | undefined
}
