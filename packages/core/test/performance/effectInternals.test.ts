/**
 * What core relies on of Effect, and Effect's types do not promise. After an update of Effect, the name of a test that fails says
 * what has changed; src/internal/task/suspend.ts, taskFiber.ts and lineage.ts say what it is used for.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { Cause, Context, Effect, Exit, Fiber, Scheduler } from "effect"
import { CurrentTask } from "../../src/fiberRefs.ts"
import { frames } from "../../src/internal/host/asyncContext.ts"
import { fastPaths } from "../../src/internal/host/fastPaths.ts"
import { canSuspend } from "../../src/internal/task/suspend.ts"
import { knownScopeOf } from "../../src/internal/task/current.ts"
import { run } from "../support.ts"

/** A fiber, with what its type does not have. */
interface Inside {
  readonly id: number
  readonly _stack: Array<unknown>
  readonly _exit: Exit.Exit<unknown, unknown> | undefined
  _yielded: Exit.Exit<unknown, unknown> | (() => void) | undefined
  _asyncContext: unknown
  readonly _running: boolean
  readonly _deferredInterrupt: boolean
  readonly _interruptedCause: Cause.Cause<never> | undefined
  readonly _observers: Array<unknown> | undefined
  interruptible: boolean
  evaluate(effect: Effect.Effect<unknown, unknown>): void
  runLoop(effect: Effect.Effect<unknown, unknown>): unknown
  yieldWith(value: unknown): unknown
}
type AnyFiber = Fiber.Fiber<unknown, unknown> & Inside
type FiberClass = new (context: Context.Context<never>, interruptible?: boolean) => AnyFiber

const suspendedFiber = () => Effect.runFork(Effect.never) as unknown as AnyFiber
const FiberImpl = suspendedFiber().constructor as FiberClass
const newFiber = (context: Context.Context<never> = Context.empty()) => new FiberImpl(context)

const nothing = () => {}
/** Suspends as `Effect.callback` does at its end, and leaves nothing behind. */
const suspended = Effect.withFiber<unknown>(
  (fiber) => (fiber as unknown as AnyFiber).yieldWith(nothing) as Effect.Effect<unknown>
)
const outcome = (fiber: AnyFiber) => fiber.pollUnsafe()?._tag

describe("the class of Effect's fibers", () => {
  it("has a constructor that takes the context, and whether the fiber is interruptible", () => {
    const context = Context.make(Scheduler.MaxOpsBeforeYield, 7)

    assert.strictEqual(newFiber(context).context, context)
    assert.deepStrictEqual(
      [true, false, undefined].map((each) => new FiberImpl(context, each).interruptible),
      [true, false, true]
    )
  })

  it("is the same for every fiber", () => {
    const forked = Effect.runFork(Effect.flatMap(Effect.forkChild(Effect.void), (fiber) => Effect.succeed(fiber)))
    assert.strictEqual(forked.constructor, FiberImpl)
  })

  const methods: Record<string, number> = {
    evaluate: 1,
    runLoop: 1,
    yieldWith: 1,
    getRef: 1,
    setContext: 1,
    interruptUnsafe: 2,
    addObserver: 1,
    pollUnsafe: 0
  }
  it.each(Object.entries(methods))("has the method %s, on its prototype, with %i parameters", (name, parameters) => {
    const method = (FiberImpl.prototype as unknown as Record<string, () => void>)[name]

    assert.isFunction(method)
    assert.strictEqual(method!.length, parameters)
  })

  const fields: Record<string, unknown> = {
    currentOpCount: 0,
    interruptible: true,
    _stack: [],
    _observers: undefined,
    _exit: undefined,
    _interruptedCause: undefined,
    _yielded: undefined,
    _running: false,
    _deferredInterrupt: false,
    _asyncContext: undefined,
    _children: undefined,
    _parent: undefined
  }
  it.each(Object.entries(fields))("has the field %s, which begins as %j", (name, value) => {
    const fiber = newFiber() as unknown as Record<string, unknown>

    assert.property(fiber, name)
    assert.deepStrictEqual(fiber[name], value)
  })

  it.each(["scheduler", "stackFrame", "maxOpsBeforeYield", "preventYield", "runtimeMetrics"])(
    "has %s in its cache",
    (name) => {
      assert.property(newFiber().cache, name)
    }
  )

  it("assigns `context`, so that a subclass can have it as an accessor", () => {
    const assigned: Array<unknown> = []
    class Watched extends (FiberImpl as unknown as new (context: Context.Context<never>) => object) {
      get context(): unknown {
        return assigned.at(-1)
      }
      set context(context: unknown) {
        assigned.push(context)
      }
    }

    const fiber = new Watched(Context.empty())

    assert.isFalse(Object.hasOwn(fiber, "context"))
    assert.deepStrictEqual(assigned, [Context.empty()])
  })

  it("derives the same cache from a context with a current task and from one without", () => {
    const base = Context.make(Scheduler.MaxOpsBeforeYield, 7)
    const task = {} as asyncio.Task<unknown, unknown>

    assert.strictEqual(newFiber(Context.add(base, CurrentTask, task)).cache, newFiber(base).cache)
  })
})

describe("a fiber of Effect", () => {
  it("has begun, suspended and gone on by `evaluate`, which calls what `yieldWith` was given, once", () => {
    const fiber = newFiber()
    let resumed = 0
    const waiting = Effect.withFiber<unknown>(() => fiber.yieldWith(() => resumed++) as Effect.Effect<unknown>)

    fiber.evaluate(Effect.map(waiting, (value) => [value]))
    const before = [outcome(fiber), resumed, typeof fiber._yielded]
    fiber.evaluate(Exit.succeed(1))

    assert.deepStrictEqual(before, [undefined, 0, "function"])
    assert.deepStrictEqual([resumed, fiber._yielded, fiber.pollUnsafe()], [1, undefined, Exit.succeed([1])])
  })

  it("differs from one that has not begun only in its exit and in what it has counted, when it has ended and nobody was told", () => {
    const context = Context.make(Scheduler.MaxOpsBeforeYield, 7)
    const [ended, unbegun] = [newFiber(context), newFiber(context)] as unknown as ReadonlyArray<Record<string, unknown>>

    ;(ended as unknown as AnyFiber).evaluate(Exit.succeed(1))
    const changed = Object.keys(ended!).filter((key) => JSON.stringify(ended![key]) !== JSON.stringify(unbegun![key]))

    assert.sameMembers(changed, ["id", "currentOpCount", "_exit", "context"])
    assert.strictEqual(ended!["context"], Context.empty())
    assert.deepStrictEqual(ended!["_exit"], Exit.succeed(1))
  })

  it("has `runLoop` give its exit, or what `yieldWith` gives where it suspends", () => {
    const mark = newFiber().yieldWith(nothing)

    assert.strictEqual(newFiber().yieldWith(nothing), mark)
    assert.strictEqual(newFiber().runLoop(suspended), mark)
    assert.deepStrictEqual(newFiber().runLoop(Effect.succeed(1)), Exit.succeed(1))
    assert.strictEqual(Exit.isExit(mark), false)
  })

  it("is ended by `evaluate` with what `runLoop` gives: observers hear of it once, and the context is empty", () => {
    class Concluding extends FiberImpl {
      override runLoop(exit: Effect.Effect<unknown, unknown>): unknown {
        return exit
      }
    }
    const fiber = new Concluding(Context.make(Scheduler.MaxOpsBeforeYield, 7))
    const heard: Array<unknown> = []
    fiber.addObserver((exit) => heard.push(exit))
    const exit = Exit.fail("reason")

    fiber.evaluate(exit)
    fiber.evaluate(Exit.succeed("too late"))

    assert.deepStrictEqual(heard, [exit])
    assert.strictEqual(fiber.pollUnsafe(), exit)
    assert.strictEqual(fiber.context, Context.empty())
  })

  it("is on the stack while `_running`, and `Fiber.getCurrent` gives it", () => {
    const fiber = newFiber()
    let seen: unknown

    fiber.evaluate(Effect.sync(() => (seen = [fiber._running, Fiber.getCurrent() === fiber])))

    assert.deepStrictEqual([seen, fiber._running], [[true, true], false])
  })

  it("has the finalizer of `Effect.callback` on top of its `_stack` while it waits", () => {
    const log: Array<string> = []
    const waiting = Effect.callback<never>(() => Effect.sync(() => void log.push("finalized")))
    const model = Effect.runFork(waiting) as unknown as AnyFiber
    const finalizer = model._stack.at(-1)
    const borrowing = newFiber()

    borrowing.evaluate(suspended)
    borrowing._stack.push(finalizer)
    borrowing.interruptUnsafe()

    assert.deepStrictEqual([log, outcome(borrowing), outcome(model)], [["finalized"], "Failure", undefined])
    model.interruptUnsafe()
  })

  it("goes on at once when it is interrupted while it is suspended, and sees it by itself while it runs", () => {
    const waiting = newFiber()
    waiting.evaluate(suspended)
    waiting.interruptUnsafe()
    const running = newFiber()
    let deferred: unknown
    running.evaluate(
      Effect.andThen(
        Effect.sync(() => {
          running.interruptUnsafe()
          deferred = running._deferredInterrupt
        }),
        Effect.never
      )
    )

    assert.deepStrictEqual(
      { waiting: outcome(waiting), deferred, running: outcome(running) },
      { waiting: "Failure", deferred: true, running: "Failure" }
    )
  })

  it("is left alone by an interrupt while it is not `interruptible`, and keeps it as `_interruptedCause`", () => {
    const fiber = new FiberImpl(Context.empty(), false)
    fiber.evaluate(suspended)

    fiber.interruptUnsafe()

    assert.isUndefined(outcome(fiber))
    assert.isTrue(Cause.hasInterrupts(fiber._interruptedCause!))
    fiber.evaluate(Exit.succeed(1))
    assert.strictEqual(outcome(fiber), "Success")
  })

  it("keeps the stores of the host in `_asyncContext`, where there are any, and goes on without it", () => {
    const fiber = newFiber()
    fiber.evaluate(suspended)
    const hasResources = "process" in globalThis && typeof process.getBuiltinModule === "function"

    if (hasResources) assert.isFunction((fiber._asyncContext as { emitDestroy?: unknown }).emitDestroy)
    fiber._asyncContext = undefined
    fiber.evaluate(Exit.succeed(1))

    assert.strictEqual(outcome(fiber), "Success")
  })

  it("keeps who is told of its end in `_observers`, in order", () => {
    const fiber = suspendedFiber()
    const [first, second] = [() => {}, () => {}]

    fiber.addObserver(first)
    fiber.addObserver(second)

    assert.deepStrictEqual(fiber._observers?.slice(-2), [first, second])
    fiber.interruptUnsafe()
  })

  it("asks its scheduler before an operation whether to give way, and counts operations from 1 in each step", () => {
    const counts: Array<number> = []
    const { cache } = newFiber()
    const scheduler: Scheduler.Scheduler = {
      executionMode: "async",
      makeDispatcher: () => cache.scheduler.makeDispatcher(),
      shouldYield: (fiber) => {
        counts.push(fiber.currentOpCount)
        return false
      }
    }
    const fiber = newFiber(Context.make(Scheduler.Scheduler, scheduler))

    fiber.evaluate(suspended)
    fiber.evaluate(Exit.succeed(1))

    assert.deepStrictEqual(counts, [1, 1])
  })

  it("has ids that grow", () => {
    assert.isBelow(newFiber().id, newFiber().id)
  })
})

describe("what core makes of it", () => {
  it.skipIf(!fastPaths)("fibers are suspended directly", () => {
    assert.isTrue(canSuspend())
  })

  it.skipIf(!fastPaths)(
    "a task's fiber knows its task, and keeps its stores as a frame where the host has frames",
    async () => {
      const seen = await run(
        Effect.gen(function* () {
          let fiber: Fiber.Fiber<unknown, unknown> | undefined
          const task = yield* asyncio.createTask(
            Effect.andThen(
              Effect.sync(() => void (fiber = Fiber.getCurrent()!)),
              asyncio.sleep(1)
            )
          )
          yield* asyncio.sleep(0)
          const knows = knownScopeOf(fiber!) !== undefined
          // While it runs, and where it keeps nothing, a symbol stands there.
          const keeps = typeof (fiber as { readonly frame?: unknown }).frame !== "symbol"
          yield* task
          return { knows, keeps }
        })
      )

      assert.deepStrictEqual(seen, { knows: true, keeps: frames !== undefined })
    }
  )

  it.skipIf(fastPaths)("nothing, with the switch off", async () => {
    const known = await run(Effect.flatten(asyncio.createTask(Effect.sync(() => knownScopeOf(Fiber.getCurrent()!)))))

    assert.deepStrictEqual([canSuspend(), known], [false, undefined])
  })
})
