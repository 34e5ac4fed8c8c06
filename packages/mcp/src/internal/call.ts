/**
 * The call of a tool that a task is for.
 */
import * as asyncio from "@effect-asyncio/compat"
import type { InputRequests } from "./inputs.ts"
import type { RequestFacts } from "./sdk.ts"

/** What a tool can do by way of the call that it runs in. */
export interface ToolCall {
  readonly facts: RequestFacts
  /** The highest progress that was sent: the protocol wants it to increase. */
  progress: number
  /** Takes what the tool says of its progress: the status message of a task. */
  readonly said: (message: string) => void
  /** What the tool itself has thrown, from which `McpServer` makes an ordinary answer. */
  thrown: unknown
  /** Where the tool may ask the client for something; undefined where the client cannot be answered with a task. */
  readonly inputs: InputRequests | undefined
}

/** The call that the current code belongs to. */
export const currentCall = asyncio.ContextVar.make<ToolCall | undefined>("mcp tool call", { defaultValue: undefined })
