// Which fast paths the host has that runs this test: docs/performance/figures.md has the table of all of them.
import * as core from "@effect-asyncio/core"
import { Effect, Fiber } from "effect"
import { assert, describe, it } from "vitest"
import { hasFrames } from "../../src/internal/asyncContext.ts"
import { fastPaths } from "../../../core/src/internal/host/fastPaths.ts"
import { frames } from "../../../core/src/internal/host/asyncContext.ts"
import type { EventLoopImpl } from "../../../core/src/internal/make/eventLoop.ts"
import { canPush } from "../../../core/src/internal/task/ownFrames.ts"
import { canSuspend } from "../../../core/src/internal/task/suspend.ts"
import { knownScopeOf } from "../../../core/src/internal/task/current.ts"

type Versions = { readonly node: string; readonly bun?: string; readonly deno?: string }
const { versions } = (globalThis as { readonly process?: { readonly versions: Versions } }).process ?? {}
const isNode24 = versions !== undefined && !versions.bun && !versions.deno && Number.parseInt(versions.node) >= 24

const inTask = <A>(effect: Effect.Effect<A>): Promise<A> => core.run(Effect.flatten(core.createTask(effect)))

describe("the fast paths of this host", () => {
  it("have frames for the stores on Node.js from 24 on, in both packages", () => {
    assert.deepStrictEqual([frames !== undefined, hasFrames], [isNode24 && fastPaths, isNode24 && fastPaths])
  })

  it("have a fiber that knows its task, and suspend it directly", async () => {
    const knows = await inTask(Effect.sync(() => knownScopeOf(Fiber.getCurrent()!) !== undefined))

    assert.deepStrictEqual([knows, canSuspend()], [fastPaths, fastPaths])
  })

  it("have regions in place", () => {
    assert.strictEqual(canPush(), fastPaths)
  })

  it("see the ends of steps", async () => {
    const loop = (await inTask(core.getRunningLoop)) as EventLoopImpl

    assert.strictEqual(loop.stepEnd !== undefined, fastPaths)
  })
})
