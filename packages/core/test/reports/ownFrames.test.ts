// The stacks of errors: where the program made a mistake, and not where the task layer noticed it.
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { DeadlockError, makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Effect, Logger } from "effect"
import { hideOwnFrames } from "../../src/internal/host/stack.ts"
import { run } from "../support.ts"

const framesOf = (error: unknown): ReadonlyArray<string> =>
  String((error as Error).stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))

/** The frames of core and of Effect. */
const foreign = (error: unknown) =>
  framesOf(error).filter((line) => /packages\/core\/src|node_modules\/effect\//.test(line))

const here = (error: unknown) => framesOf(error).filter((line) => line.includes("ownFrames.test.ts"))

const misuse = (options?: asyncio.RunOptions): Promise<unknown> =>
  run(
    Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      try {
        return loop.callLaterUnsafe("soon" as never, () => {})
      } catch (error) {
        return error
      }
    }),
    options
  )

describe("an error of ours", () => {
  it("leads to the program only", async () => {
    const error = await misuse()

    assert.deepStrictEqual([foreign(error), here(error).length > 0], [[], true])
  })

  it("leads through the task layer in debug mode", async () => {
    const error = await misuse({ debug: true })

    assert.notDeepEqual(foreign(error), [])
  })

  it("that the loop has made leads nowhere", async () => {
    const broken = asyncio.taskGroup((group: asyncio.TaskGroup<string>) => group.createTask(Effect.fail("broken")))
    const nobody = asyncio.anyOf([Effect.fail("broken")])
    const errors = [await run(Effect.flip(broken)), await run(Effect.flip(nobody))]

    assert.deepStrictEqual(errors.flatMap(framesOf), [])
    const debugged = await run(Effect.flip(broken), { debug: true })
    assert.notDeepEqual(framesOf(debugged), [])
  })

  it("keeps what a program had on the stack of an error that it is given a hint for", () => {
    const error = lowlevel.withHint(new Error("mine"), "Do this.")

    assert.isAbove(here(error).length, 0)
  })
})

/** What a program logs that does not handle an error. */
const logged = async (
  main: Effect.Effect<unknown, unknown>,
  options?: asyncio.RunOptions
): Promise<ReadonlyArray<unknown>> => {
  const entries: Array<unknown> = []
  const logger = Logger.make(({ message }) => void entries.push(...(message as ReadonlyArray<unknown>)))
  await run(Effect.provide(main, Logger.layer([logger])), options)
  return entries
}

const throwing = Effect.gen(function* () {
  const loop = yield* asyncio.getRunningLoop
  loop.callSoonUnsafe(() => {
    throw new Error("outer", { cause: new Error("inner") })
  })
  yield* asyncio.sleep(1)
})

describe("the report of an error", () => {
  it("leads to the program only, and so do its causes", async () => {
    const [text, error] = await logged(throwing)

    assert.include(text, "hint: Catch it in the callback")
    const { cause } = error as Error
    assert.deepStrictEqual([foreign(error), foreign(cause)], [[], []])
    assert.isTrue(here(error).length > 0 && here(cause).length > 0)
  })

  it("leads through the task layer in debug mode", async () => {
    const [, error] = await logged(throwing, { debug: true })

    assert.notDeepEqual(foreign(error), [])
  })

  it("leaves the error as it is where the program has a handler of its own", async () => {
    const seen: Array<unknown> = []
    const main = Effect.gen(function* () {
      const loop = yield* asyncio.getRunningLoop
      loop.setExceptionHandlerUnsafe((_, { exception }) => void seen.push(exception))
      yield* throwing
    })

    await run(main)

    assert.notDeepEqual(foreign(seen[0]), [])
  })
})

it("a deadlock leads nowhere", async () => {
  const main = Effect.flatMap(asyncio.getRunningLoop, (loop) => Effect.flatten(loop.createFuture<never>()))
  const error = await asyncio.run(main, { loopFactory: makeVirtualTimeLoop }).catch((error: unknown) => error)

  assert.instanceOf(error, DeadlockError)
  assert.deepStrictEqual(framesOf(error), [])
})

describe("frames of ours are found", () => {
  const hidden = (...frames: ReadonlyArray<string>): ReadonlyArray<string> => {
    const error = new Error("message")
    error.stack = ["Error: message", ...frames.map((frame) => `    at ${frame}`)].join("\n")
    hideOwnFrames(error)
    return framesOf(error).map((line) => line.trim().slice(3))
  }
  const program = "main (file:///app/src/main.js:3:4)"

  it.each([
    "f (file:///app/node_modules/@effect-asyncio/core/dist/index.js:3:4)",
    "f (/app/node_modules/.pnpm/@effect-asyncio+compat@0.1.0/node_modules/@effect-asyncio/compat/dist/index.js:3:4)",
    "async file:///app/node_modules/effect/dist/internal/effect.js:1:2",
    "f (C:\\app\\node_modules\\effect\\dist\\Effect.js:3:4)",
    "f (file:///home/me/.cache/deno/npm/registry.npmjs.org/effect/4.1.0/dist/Effect.js:3:4)",
    "f (http://localhost:5173/node_modules/@effect-asyncio/core/src/Task.ts:3:4)",
    "AsyncLocalStorage.run (node:async_hooks:346:14)",
    "AsyncLocalStorage.run (node:internal/async_local_storage/async_hooks:91:14)"
  ])("%s", (frame) => {
    assert.deepStrictEqual(hidden(frame, program, frame), [program])
  })

  it.each([
    "f (file:///app/node_modules/@effect/platform/dist/index.js:3:4)",
    "f (file:///app/node_modules/@effect-asyncio/eslint-plugin/dist/index.js:3:4)",
    "f (file:///app/packages/core/src/internal/host/stack.ts:3:4)",
    "f (file:///app/effect/dist/main.js:3:4)"
  ])("and %s is none", (frame) => {
    assert.deepStrictEqual(hidden(frame, program), [frame, program])
  })

  it("and the host's own around them go where nothing of the program is left", () => {
    const ours = "f (file:///app/node_modules/effect/dist/Effect.js:3:4)"
    const host = "processTicksAndRejections (node:internal/process/task_queues:105:5)"

    assert.deepStrictEqual(hidden(ours, host), [])
    assert.deepStrictEqual(hidden(ours, program, host), [program, host])
    assert.deepStrictEqual(hidden(host), [host])
  })

  it("not in the message", () => {
    const error = new Error("see\nnode_modules/effect/dist/Effect.js:3:4")
    error.stack = `Error: ${error.message}\n    at f (/app/node_modules/effect/dist/Effect.js:3:4)\n    at ${program}`
    hideOwnFrames(error)

    assert.strictEqual(error.stack, `Error: ${error.message}\n    at ${program}`)
  })

  it("and an error that cannot be changed stays as it is", () => {
    const text = `Error: frozen\n    at f (/app/node_modules/effect/dist/Effect.js:3:4)`
    const frozen = Object.defineProperty(new Error("frozen"), "stack", { value: text })
    const strange = Object.defineProperty(new Error("strange"), "stack", {
      get: () => {
        throw new Error("no stack")
      }
    })
    hideOwnFrames(frozen)
    hideOwnFrames(strange)

    assert.strictEqual(frozen.stack, text)
  })
})
