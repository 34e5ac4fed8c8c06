/**
 * What is used of the official SDK, in both of its major versions: their objects by their shapes, so that neither has to be installed.
 */

/** A `Server` of the SDK. The methods are those that both versions have. */
export interface ProtocolServer {
  setRequestHandler: (...args: Array<any>) => void
  registerCapabilities: (capabilities: any) => void
  readonly transport?: { readonly send: (message: any) => Promise<void> } | undefined
  readonly assertCanSetRequestHandler: (method: any) => void
  readonly getClientCapabilities?: () => { readonly extensions?: unknown } | undefined
}

/** An `McpServer` of the SDK. */
export interface HighLevelServer {
  readonly server: ProtocolServer
  registerTool: (...args: Array<any>) => any
}

/** The request of a tool call, as a handler of the SDK gets it. */
export interface ToolRequest {
  readonly params: { readonly name: string; readonly _meta?: Meta | undefined }
}

interface Meta {
  readonly progressToken?: string | number | undefined
}

type Notify = (notification: { readonly method: string; readonly params: object }) => Promise<void>

/** The context of a handler: of version 2, or of version 1, which has the same things at other places. */
export type HandlerContext = ContextOfTwo | ContextOfOne

interface ContextOfTwo {
  readonly sessionId?: string | undefined
  readonly http?: { readonly authInfo?: { readonly clientId?: string } | undefined } | undefined
  readonly mcpReq: {
    readonly id: string | number
    readonly signal: AbortSignal
    readonly notify: Notify
    readonly _meta?: Meta | undefined
    readonly envelope?: Readonly<Record<string, unknown>> | undefined
    // Taken out of the parameters of any request, and without those that are no objects.
    readonly inputResponses?: Readonly<Record<string, unknown>> | undefined
  }
}

interface ContextOfOne {
  readonly sessionId?: string | undefined
  readonly requestId: string | number
  readonly signal: AbortSignal
  readonly sendNotification: Notify
  readonly _meta?: Meta | undefined
}

/** A handler of `tools/call`. */
export type CallHandler = (request: ToolRequest, context: HandlerContext) => unknown

/** What is to be known of a request, wherever the SDK keeps it. */
export interface RequestFacts {
  readonly id: string | number
  readonly session: string | undefined
  readonly signal: AbortSignal
  readonly progressToken: string | number | undefined
  readonly notify: Notify
  /** What the envelope of the protocol of 2026-07-28 says of the client. */
  readonly clientCapabilities: unknown
  /** The client that the access token belongs to. */
  readonly client: string | undefined
  /** Answers to what the server has asked for, by its keys. */
  readonly inputResponses: Readonly<Record<string, unknown>>
}

const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"

export const factsOf = (request: Partial<ToolRequest>, context: HandlerContext): RequestFacts => {
  if (!("mcpReq" in context)) {
    const { _meta, requestId, sendNotification, sessionId, signal } = context
    return {
      id: requestId,
      session: sessionId,
      signal,
      progressToken: (_meta ?? request.params?._meta)?.progressToken,
      notify: sendNotification,
      clientCapabilities: undefined,
      client: undefined,
      inputResponses: {}
    }
  }
  const { http, mcpReq, sessionId } = context
  return {
    id: mcpReq.id,
    session: sessionId,
    signal: mcpReq.signal,
    progressToken: (mcpReq._meta ?? request.params?._meta)?.progressToken,
    notify: (notification) => mcpReq.notify(notification),
    clientCapabilities: mcpReq.envelope?.[CAPABILITIES],
    client: http?.authInfo?.clientId,
    inputResponses: mcpReq.inputResponses ?? {}
  }
}

/** The same context with another signal: tools that hand it on stop with the task, however that was cancelled. */
export const withSignal = (context: HandlerContext, signal: AbortSignal): HandlerContext =>
  "mcpReq" in context ? { ...context, mcpReq: { ...context.mcpReq, signal } } : { ...context, signal }

/** The method of which a handler is set: a name, or in version 1 a schema that has it as a literal. */
export const methodOf = (first: any): unknown => {
  if (typeof first === "string") return first
  const literal = first?.shape?.method ?? first?._zod?.def?.shape?.method
  return literal?.value ?? literal?._zod?.def?.values?.[0]
}

/** An error with a code of JSON-RPC, which the SDK sends as it is. */
export class ProtocolError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.name = "ProtocolError"
    this.code = code
    this.data = data
  }
}

/** Whether the SDK would send this as an error of JSON-RPC: its own errors have a whole number as their code. */
export const isProtocolError = (error: unknown): error is ProtocolError =>
  error instanceof Error && Number.isSafeInteger((error as { readonly code?: unknown }).code)
