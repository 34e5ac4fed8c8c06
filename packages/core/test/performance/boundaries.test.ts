/**
 * A boundary is a frame on the task's fiber, or a fiber; a lock is held by a frame, or by Effect's words. Programs cannot tell
 * which: random ones are run with both, on virtual time, and leave the same trace.
 */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/core"
import { makeVirtualTimeLoop } from "@effect-asyncio/core/testing"
import { Cause, Context, Effect, Exit, Fiber } from "effect"
import { fastPaths } from "../../src/internal/host/fastPaths.ts"
import { canPush, withFrames } from "../../src/internal/task/ownFrames.ts"
import { run } from "../support.ts"

// ---- programs ------------------------------------------------------------------------------------------------------

type Program =
  | { readonly kind: "sleep" | "foreignSleep"; readonly ms: number }
  | { readonly kind: "yield" | "iteration" | "fail" | "cancelSelf" | "interrupt" | "readService" }
  | { readonly kind: "cancel" | "interruptRoot" | "interruptChild"; readonly whom: number }
  | { readonly kind: "sequence"; readonly parts: ReadonlyArray<Program> }
  | { readonly kind: "branches"; readonly parts: ReadonlyArray<Program> }
  | {
      readonly kind: "group"
      readonly body: Program
      readonly parts: ReadonlyArray<Program>
      readonly cancels: boolean
    }
  | { readonly kind: "timeout"; readonly body: Program; readonly ms: number }
  | { readonly kind: "ensuring" | "catching" | "catchingCancelled"; readonly body: Program; readonly then: Program }
  | {
      readonly kind:
        | "uninterruptible"
        | "interruptible"
        | "mask"
        | "restoring"
        | "forkChild"
        | "forkAndJoin"
        | "task"
        | "lock"
        | "semaphore"
        | "condition"
        | "waitCondition"
        | "service"
        | "scoped"
        | "span"
        | "notified"
      readonly body: Program
    }

/** Numbers that only a seed decides (mulberry32). */
const randomFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const leaves = [
  "sleep",
  "sleep",
  "foreignSleep",
  "foreignSleep",
  "yield",
  "iteration",
  "fail",
  "cancelSelf",
  "interrupt",
  "readService",
  "cancel",
  "cancel",
  "interruptRoot",
  "interruptChild"
] as const

const nodes = [
  "sequence",
  "sequence",
  "sequence",
  "branches",
  "group",
  "group",
  "timeout",
  "timeout",
  "timeout",
  "ensuring",
  "catching",
  "catchingCancelled",
  "catchingCancelled",
  "uninterruptible",
  "interruptible",
  "mask",
  "restoring",
  "forkChild",
  "forkAndJoin",
  "task",
  "task",
  "lock",
  "semaphore",
  "condition",
  "waitCondition",
  "service",
  "scoped",
  "span",
  "notified"
] as const

const generate = (random: () => number, depth: number): Program => {
  const pick = <A>(of: ReadonlyArray<A>): A => of[Math.floor(random() * of.length)]!
  const inner = () => generate(random, depth - 1)
  const some = () => Array.from({ length: 2 + Math.floor(random() * 2) }, inner)
  const kind = depth === 0 || random() < 0.1 ? pick(leaves) : pick(nodes)
  switch (kind) {
    case "sleep":
    case "foreignSleep":
      return { kind, ms: Math.floor(random() * 5) }
    case "cancel":
    case "interruptRoot":
    case "interruptChild":
      return { kind, whom: Math.floor(random() * 4) }
    case "sequence":
    case "branches":
      return { kind, parts: some() }
    case "group":
      return { kind, body: inner(), parts: some(), cancels: random() < 0.2 }
    case "timeout":
      return { kind, body: inner(), ms: Math.floor(random() * 6) }
    case "ensuring":
    case "catching":
    case "catchingCancelled":
      return { kind, body: inner(), then: inner() }
    case "yield":
    case "iteration":
    case "fail":
    case "cancelSelf":
    case "interrupt":
    case "readService":
      return { kind }
    default:
      return { kind, body: inner() }
  }
}

// ---- what they do --------------------------------------------------------------------------------------------------

class Service extends Context.Service<Service, number>()("test/Service") {}

// Everything that is written here as a failure is a string; a group and a time limit add errors of their own.
type AnyEffect = Effect.Effect<unknown, any>

/** What is in a cause, without the ids of fibers and without places in the code. */
const describeCause = (cause: Cause.Cause<unknown>): string => {
  const reasons = cause.reasons.map((reason) => {
    if (reason._tag === "Interrupt") return "interrupt"
    return `${reason._tag} ${String(reason._tag === "Fail" ? reason.error : reason.defect)}`
  })
  return [...new Set(reasons)].sort().join(", ")
}

const describeExit = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isSuccess(exit) ? "done" : describeCause(exit.cause)

class Interpreter {
  readonly lines: Array<string> = []
  readonly loop = makeVirtualTimeLoop()
  readonly #lock: asyncio.Lock
  readonly #semaphore: asyncio.Semaphore
  readonly #condition: asyncio.Condition
  readonly #tasks: Array<asyncio.Task<unknown, unknown>> = []
  readonly #roots: Array<Fiber.Fiber<unknown, unknown>> = []
  readonly #children: Array<Fiber.Fiber<unknown, unknown>> = []
  #count = 0

  constructor(lock: asyncio.Lock, semaphore: asyncio.Semaphore, condition: asyncio.Condition) {
    this.#lock = lock
    this.#semaphore = semaphore
    this.#condition = condition
    this.loop.setExceptionHandlerUnsafe((_, context) => this.#log(context.message))
  }

  #log(line: string): void {
    this.lines.push(`${this.loop.time()} ${line}`)
  }

  /** Runs a program, and notes when and how it ends. */
  run(program: Program): AnyEffect {
    const id = this.#count++
    return Effect.onExit(
      Effect.suspend(() => this.#run(program, id)),
      (exit) => Effect.sync(() => this.#log(`${id} ${program.kind}: ${describeExit(exit)}`))
    )
  }

  /** The same in a task or fiber of its own, whose fiber is one that can be interrupted from outside. */
  root(program: Program): AnyEffect {
    return Effect.withFiber((fiber) => {
      this.#roots.push(fiber)
      return this.run(program)
    })
  }

  #run(program: Program, id: number): AnyEffect {
    const { lines } = this
    switch (program.kind) {
      case "sleep":
        return asyncio.sleep(program.ms)
      case "foreignSleep":
        return Effect.sleep(program.ms)
      case "yield":
        return Effect.yieldNow
      case "iteration":
        return asyncio.sleep(0)
      case "fail":
        return Effect.fail(`failure ${id}`)
      case "cancelSelf":
        return Effect.flatMap(asyncio.currentTask, (task) => task.cancel(`self ${id}`))
      case "interrupt":
        return Effect.interrupt
      case "readService":
        return Effect.map(Effect.serviceOption(Service), (found) => lines.push(`service ${JSON.stringify(found)}`))
      case "cancel":
        return this.#with(this.#tasks, program.whom, (task) =>
          Effect.map(task.cancel(`cancel ${id}`), (answer) => this.#log(`${id} cancel says ${answer}`))
        )
      case "interruptRoot":
        // From outside: of code that interrupts the fiber it runs on, only a boundary in a fiber is not ended at once.
        return this.#with(this.#roots, program.whom, (fiber) =>
          Effect.sync(() => this.loop.callSoonUnsafe(() => fiber.interruptUnsafe()))
        )
      case "interruptChild":
        return this.#with(this.#children, program.whom, (fiber) => Effect.sync(() => fiber.interruptUnsafe()))
      case "sequence":
        return Effect.forEach(program.parts, (part) => this.run(part), { discard: true })
      case "branches":
        return Effect.all(
          program.parts.map((part) => this.run(part)),
          { concurrency: "unbounded", discard: true }
        )
      case "group":
        return asyncio.taskGroup((group) =>
          Effect.gen({ self: this }, function* () {
            for (const part of program.parts) this.#tasks.push(yield* group.createTask(this.root(part)))
            yield* this.run(program.body)
            if (program.cancels) yield* group.cancel
          })
        )
      case "timeout":
        return asyncio.timeout(program.ms, this.run(program.body))
      case "ensuring":
        return Effect.ensuring(this.run(program.body), Effect.ignoreCause(this.run(program.then)))
      case "catching":
        return Effect.catchCause(this.run(program.body), () => this.run(program.then))
      case "catchingCancelled":
        return asyncio.catchCancelled(this.run(program.body), (error) => {
          this.#log(`${id} cancelled: ${error.message}, ${error.reason}`)
          return this.run(program.then)
        })
      case "uninterruptible":
        return Effect.uninterruptible(this.run(program.body))
      case "interruptible":
        return Effect.interruptible(this.run(program.body))
      case "mask":
        return Effect.uninterruptibleMask(() => this.run(program.body))
      case "restoring":
        return Effect.uninterruptibleMask((restore) => Effect.exit(restore(this.run(program.body))))
      case "forkChild":
        return Effect.map(Effect.forkChild(this.run(program.body)), (fiber) => this.#children.push(fiber))
      case "forkAndJoin":
        return Effect.flatMap(Effect.forkChild(this.run(program.body)), (fiber) => {
          this.#children.push(fiber)
          return Fiber.join(fiber)
        })
      case "task":
        return Effect.flatMap(asyncio.createTask(this.root(program.body)), (task) => {
          this.#tasks.push(task)
          return this.#tasks.length % 2 === 0 ? task : Effect.void
        })
      case "lock":
        return this.#lock.use(this.run(program.body))
      case "semaphore":
        return this.#semaphore.use(this.run(program.body))
      case "condition":
        return this.#condition.use(Effect.andThen(this.#condition.notify(), this.run(program.body)))
      case "waitCondition":
        return this.#condition.use(Effect.andThen(this.#condition.wait, this.run(program.body)))
      case "service":
        return Effect.provideService(this.run(program.body), Service, id)
      case "span":
        return Effect.withSpan(this.run(program.body), `span ${id}`)
      case "scoped":
        return Effect.scoped(
          Effect.andThen(
            Effect.addFinalizer((exit) => Effect.sync(() => this.#log(`${id} finalizer: ${describeExit(exit)}`))),
            this.run(program.body)
          )
        )
      default:
        return Effect.onInterrupt(this.run(program.body), () =>
          Effect.andThen(
            asyncio.sleep(1),
            Effect.sync(() => this.#log(`${id} interrupted`))
          )
        )
    }
  }

  #with<A>(known: ReadonlyArray<A>, index: number, use: (one: A) => AnyEffect): AnyEffect {
    return known.length === 0 ? Effect.void : use(known[index % known.length]!)
  }

  main(program: Program): AnyEffect {
    return Effect.gen({ self: this }, function* () {
      const task = yield* asyncio.createTask(this.root(program))
      this.#tasks.push(task)
      yield* asyncio.wait([task], { timeout: 100 })
      this.#log(`${task.done() ? "over" : "hangs"}, cancelling ${task.cancelling()}`)
      yield* asyncio.wait(new Set([task]), { timeout: 1 })
      yield* asyncio.cancelAndWait([...this.#tasks]).pipe(Effect.timeoutOption(100))
      const ends = this.#tasks.map((task) => (task.done() ? describeExit(task.exitUnsafe()!) : "pending"))
      this.#log(`tasks: ${ends.join("; ")}`)
      this.#log(`${this.#lock} ${this.#semaphore} ${this.#condition}`)
    })
  }
}

const trace = async (program: Program): Promise<ReadonlyArray<string>> => {
  const make = Effect.all([asyncio.Lock.make(), asyncio.Semaphore.make(2), asyncio.Condition.make()])
  const interpreter = new Interpreter(...Effect.runSync(make))
  const exit = await Effect.runPromiseExit(
    Effect.promise(() => run(interpreter.main(program), { loopFactory: () => interpreter.loop }))
  )
  return [...interpreter.lines, `run: ${describeExit(exit)}`]
}

const { process } = globalThis as { readonly process?: { readonly env?: Record<string, string | undefined> } }
const programs = Number(process?.env?.["REGION_PROGRAMS"] ?? 400)

describe.skipIf(!canPush())("random programs", () => {
  it("leave the same trace with frames as without", async () => {
    for (let seed = 1; seed <= programs; seed++) {
      const program = generate(randomFrom(seed), 2 + (seed % 5))
      const [inPlace, inFibers] = [
        await withFrames(true, () => trace(program)),
        await withFrames(false, () => trace(program))
      ]
      assert.deepStrictEqual(inPlace, inFibers, `seed ${seed}: ${JSON.stringify(program)}`)
    }
  })
})

// ---- one by one ----------------------------------------------------------------------------------------------------

it("the installed version of Effect lets us push frames", () => {
  assert.strictEqual(canPush(), fastPaths)
})

for (const [name, frames] of [
  ["in place", true],
  ["in a fiber", false]
] as const) {
  // Skipped where both would be the same.
  describe.skipIf(frames && !canPush())(`a boundary ${name}`, () => {
    const check = (body: (log: (line: string) => Effect.Effect<void>) => AnyEffect, expected: ReadonlyArray<string>) =>
      withFrames(frames, async () => {
        const lines: Array<string> = []
        const log = (line: string) => Effect.map(asyncio.getRunningLoop, (loop) => lines.push(`${loop.time()} ${line}`))
        await run(Effect.exit(body(log)))
        assert.deepStrictEqual(lines, expected)
      })

    it("keeps the interruption of its fiber by somebody else, after the finalizers, and stops its clock", () =>
      check(
        (log) =>
          Effect.gen(function* () {
            const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
            const body = Effect.ensuring(
              Effect.sleep(5),
              Effect.andThen(
                asyncio.sleep(1),
                Effect.suspend(() => log("finalizer"))
              )
            )
            const task = yield* asyncio.createTask(
              Effect.withFiber((fiber) => {
                fibers.push(fiber)
                const caught = Effect.catchCause(asyncio.timeout(20, body), () => log("not reached"))
                return Effect.onInterrupt(caught, () => log("interrupted"))
              })
            )
            yield* asyncio.sleep(2)
            yield* Fiber.interrupt(fibers[0]!)
            yield* log(`cancelled: ${task.cancelled()}`)
            yield* Effect.exit(task)
            yield* log(`${yield* asyncio.allTasks.pipe(Effect.map((tasks) => tasks.size))} tasks`)
          }),
        ["3 finalizer", "3 interrupted", "3 cancelled: true", "3 1 tasks"]
      ))

    it("takes an interruption of ours back, so that the code behind it can be interrupted again", () =>
      check(
        (log) =>
          Effect.gen(function* () {
            const limited = Effect.catchTag(asyncio.timeout(2, Effect.sleep(5)), "TimeoutError", () =>
              log("time is up")
            )
            const task = yield* asyncio.createTask(
              Effect.onInterrupt(Effect.andThen(limited, Effect.andThen(limited, Effect.sleep(5))), () =>
                log("stopped")
              )
            )
            yield* asyncio.sleep(6)
            yield* task.cancel()
            yield* Effect.exit(task)
          }),
        ["2 time is up", "4 time is up", "6 stopped"]
      ))

    it("ends the fibers that were forked in it, and waits for them, and no others", () =>
      check(
        (log) => {
          const child = (what: string) =>
            Effect.ensuring(
              Effect.onInterrupt(Effect.sleep(20), () => log(`${what} interrupted`)),
              asyncio.sleep(3)
            )
          return Effect.gen(function* () {
            const before = yield* Effect.forkChild(child("before"))
            yield* asyncio.timeout(50, Effect.andThen(Effect.forkChild(child("inside")), asyncio.sleep(1)))
            yield* log("behind")
            yield* Fiber.join(before)
            yield* log("joined")
          })
        },
        ["1 inside interrupted", "4 behind", "23 joined"]
      ))

    it("can be cancelled while it waits for the fibers that were forked in it", () =>
      check(
        (log) => {
          const slow = Effect.onInterrupt(Effect.never, () =>
            Effect.andThen(
              asyncio.sleep(5),
              Effect.suspend(() => log("child over"))
            )
          )
          const body = Effect.andThen(Effect.forkChild(slow), asyncio.sleep(1))
          const limited = asyncio.timeout(3, body).pipe(Effect.catchTag("TimeoutError", () => log("time is up")))
          return Effect.andThen(limited, asyncio.sleep(1)).pipe(Effect.andThen(Effect.suspend(() => log("goes on"))))
        },
        ["6 child over", "6 time is up", "7 goes on"]
      ))

    it("is not left interrupted by a group that fails while it is closed in an uninterruptible part", () =>
      check(
        (log) => {
          const group = asyncio.taskGroup(
            Effect.fnUntraced(function* (group: asyncio.TaskGroup) {
              yield* group.createTask(Effect.andThen(asyncio.sleep(1), Effect.fail("child")))
            })
          )
          const protectedPart = Effect.andThen(
            Effect.exit(Effect.uninterruptible(group)),
            Effect.suspend(() => log("inside"))
          )
          return Effect.andThen(
            asyncio.catchCancelled(protectedPart, () => log("cancelled")),
            Effect.suspend(() => log("behind"))
          )
        },
        ["1 inside", "1 behind"]
      ))

    it("keeps the services and the span of the code around it", () =>
      check(
        (log) => {
          const look = Effect.gen(function* () {
            const service = yield* Effect.serviceOption(Service)
            const span = yield* Effect.option(Effect.currentSpan)
            yield* log(`${JSON.stringify(service)} ${span._tag === "Some" ? span.value.name : "none"}`)
          })
          const inside = look.pipe(Effect.provideService(Service, 2), Effect.withSpan("inner"))
          const late = Effect.andThen(inside, Effect.sleep(5)).pipe(
            Effect.provideService(Service, 3),
            Effect.withSpan("late")
          )
          return Effect.gen(function* () {
            yield* asyncio.timeout(5, inside)
            yield* look
            yield* Effect.exit(asyncio.timeout(1, late))
            yield* look
          }).pipe(Effect.provideService(Service, 1), Effect.withSpan("outer"))
        },
        [
          '0 {"_id":"Option","_tag":"Some","value":2} inner',
          '0 {"_id":"Option","_tag":"Some","value":1} outer',
          '0 {"_id":"Option","_tag":"Some","value":2} inner',
          '1 {"_id":"Option","_tag":"Some","value":1} outer'
        ]
      ))

    it("ends where a computation in it has given way, and one that does not suspend at all", () =>
      check(
        (log) => {
          let iterations = 0
          const busy = Effect.whileLoop({
            while: () => iterations < 1e6,
            body: () => Effect.void,
            step: () => void iterations++
          })
          return Effect.gen(function* () {
            const task = yield* asyncio.createTask(
              asyncio.catchCancelled(Effect.andThen(asyncio.timeout(20, busy), log("not reached")), () =>
                log("cancelled")
              )
            )
            yield* asyncio.sleep(0)
            yield* task.cancel()
            yield* Effect.exit(task)
            yield* log(`in the middle: ${iterations > 0 && iterations < 1e6}`)
          })
        },
        ["0 cancelled", "0 in the middle: true"]
      ))

    it("closes what was opened in it before the code behind it goes on", () =>
      check(
        (log) => {
          const body = Effect.andThen(
            Effect.acquireRelease(log("open"), () => Effect.andThen(asyncio.sleep(2), log("closed"))),
            Effect.sleep(10)
          )
          return asyncio
            .timeout(1, Effect.scoped(body))
            .pipe(Effect.catchTag("TimeoutError", () => Effect.suspend(() => log("time is up"))))
        },
        ["0 open", "3 closed", "3 time is up"]
      ))
  })
}
