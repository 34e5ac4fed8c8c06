import type * as asyncio from "@effect-asyncio/compat"
import * as effects from "@effect-asyncio/mcp/effect"
import type { Client } from "@modelcontextprotocol/client"
import type { McpServer as OldServer } from "@modelcontextprotocol/sdk/server/mcp.js"
import type { McpHttpHandler, McpServer, Server } from "@modelcontextprotocol/server"
import { Effect, Layer } from "effect"
import * as Effects from "effect/ai"
import { HttpRouter } from "effect/http"
import type { Stdio } from "effect/Stdio"
import { describe, expectTypeOf, it } from "vitest"
import {
  type AnyClient,
  type AnyServer,
  callTool,
  McpTasks,
  requestInput,
  taskNotifications,
  type ToolResult,
  toolTasks
} from "../src/index.ts"

describe("types", () => {
  it("servers and clients of both versions of the SDK will do", () => {
    expectTypeOf<McpServer>().toExtend<AnyServer>()
    expectTypeOf<Server>().toExtend<AnyServer>()
    expectTypeOf<OldServer>().toExtend<AnyServer>()
    expectTypeOf<Client>().toExtend<AnyClient>()
    // @ts-expect-error -- a tool is required or optional
    void ((server: McpServer) => toolTasks(server, { support: { build: "maybe" } }))
  })

  it("a call is a task of its result, and a question a future", () => {
    expectTypeOf(callTool).returns.toEqualTypeOf<asyncio.Task<ToolResult>>()
    expectTypeOf(requestInput).returns.toEqualTypeOf<asyncio.Future<unknown>>()
    expectTypeOf<McpTasks["get"]>().returns.toEqualTypeOf<asyncio.Task<unknown> | undefined>()
  })

  it("a handler with notifications is the same handler", () => {
    const wrapped = (handler: McpHttpHandler) => taskNotifications(handler, new McpTasks())
    expectTypeOf(wrapped).returns.toEqualTypeOf<McpHttpHandler>()
  })

  it("the middleware of Effect's server asks for nothing but that", () => {
    const { layerGlobal } = effects.toolTasks({})
    expectTypeOf(layerGlobal).toEqualTypeOf<Layer.Layer<never, never, Effects.McpServer.McpServer>>()
    expectTypeOf(effects.layerStdio).toEqualTypeOf<Layer.Layer<Stdio, never, Stdio>>()
    expectTypeOf(effects.layerHttp).toEqualTypeOf<Layer.Layer<never, never, HttpRouter.HttpRouter>>()
    expectTypeOf(effects.reportProgress).returns.toEqualTypeOf<Effect.Effect<void>>()
  })
})
