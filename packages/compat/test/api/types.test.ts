import * as asyncio from "@effect-asyncio/compat"
import type * as core from "@effect-asyncio/core"
import { type Cause, type Context, Effect, type Layer, type ManagedRuntime, Order } from "effect"
import { describe, expectTypeOf, it } from "vitest"

declare const task: asyncio.Task<string>
declare const future: asyncio.Future<number>
declare const promise: Promise<boolean>
declare const effect: Effect.Effect<Date, Error, { readonly service: "needed" }>
declare const tasks: ReadonlyArray<asyncio.Task<number>>
declare const body: () => Promise<number>

// The declared values above do not exist: the calls are written down to be checked, and never run.
const unrun = (calls: () => unknown): void => void calls

describe("the types of tasks", () => {
  it("createTask gives a task of what its body gives", () =>
    unrun(() => {
      expectTypeOf(asyncio.createTask(body)).toEqualTypeOf<asyncio.Task<number>>()
      expectTypeOf(asyncio.createTask(() => "plain")).toEqualTypeOf<asyncio.Task<string>>()
      expectTypeOf(asyncio.createTask(effect)).toEqualTypeOf<asyncio.Task<Date>>()
      expectTypeOf(asyncio.createTask(async (me) => me.getName().length)).toEqualTypeOf<asyncio.Task<number>>()
      // @ts-expect-error -- a promise is no coroutine function
      asyncio.createTask(promise)
      // @ts-expect-error -- no such option
      asyncio.createTask(body, { nome: "typo" })
    }))

  it("a task is awaited as a promise, and gives its result", () =>
    unrun(async () => {
      expectTypeOf(await task).toEqualTypeOf<string>()
      expectTypeOf(task.result()).toEqualTypeOf<string>()
      expectTypeOf(task.exception()).toEqualTypeOf<unknown>()
      expectTypeOf(task.then((value) => value.length)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(task.catch(() => 0)).toEqualTypeOf<Promise<string | number>>()
      expectTypeOf(task.finally(() => {})).toEqualTypeOf<Promise<string>>()
      expectTypeOf(await Promise.all([task, future])).toEqualTypeOf<[string, number]>()
      expectTypeOf(task.run(() => 1)).toEqualTypeOf<number>()
      expectTypeOf(task.signal).toEqualTypeOf<AbortSignal>()
      task.addDoneCallback((done) => expectTypeOf(done.getName()).toEqualTypeOf<string>())
    }))

  it("a task of something more special is one of something more general", () => {
    expectTypeOf<asyncio.Task<"a">>().toExtend<asyncio.Task<string>>()
    expectTypeOf<asyncio.Task<string>>().toExtend<asyncio.Future<string>>()
    expectTypeOf<asyncio.Task<string>>().toExtend<PromiseLike<string>>()
    expectTypeOf<asyncio.Task<"a">>().toExtend<Promise<string>>()
    expectTypeOf<asyncio.Future<"a">>().toExtend<Promise<string>>()
    expectTypeOf<() => asyncio.Task<Response>>().toExtend<() => Response | Promise<Response>>()
    expectTypeOf<asyncio.Future<string>>().not.toExtend<asyncio.Task<string>>()
  })

  it("a task stands where a promise is expected", () =>
    unrun(async (later: () => Promise<string> = () => task) => {
      expectTypeOf<Awaited<asyncio.Task<string>>>().toEqualTypeOf<string>()
      expectTypeOf<Awaited<asyncio.Task<asyncio.Task<string>>>>().toEqualTypeOf<string>()
      expectTypeOf(
        await Promise.all({
          *[Symbol.iterator]() {
            yield task
          }
        })
      ).toEqualTypeOf<Array<string>>()
      expectTypeOf(await Promise.race([task, promise])).toEqualTypeOf<string | boolean>()
      expectTypeOf(await Promise.any([task, future])).toEqualTypeOf<string | number>()
      expectTypeOf(await Promise.allSettled([task])).toEqualTypeOf<[PromiseSettledResult<string>]>()
      expectTypeOf(Promise.resolve(task)).toEqualTypeOf<Promise<string>>()
      expectTypeOf(new Promise<string>((resolve) => resolve(task))).toEqualTypeOf<Promise<string>>()
      expectTypeOf(await (async () => task)()).toEqualTypeOf<string>()
      expectTypeOf(await promise.then(() => task)).toEqualTypeOf<string>()
      expectTypeOf(task[Symbol.toStringTag]).toEqualTypeOf<string>()
      await later()
      // @ts-expect-error -- a promise is no task
      later = (): asyncio.Task<string> => Promise.resolve("")
    }))

  it("currentTask may be none, allTasks are tasks", () =>
    unrun(() => {
      expectTypeOf(asyncio.currentTask()).toEqualTypeOf<asyncio.Task<unknown> | undefined>()
      expectTypeOf(asyncio.allTasks()).toEqualTypeOf<ReadonlySet<asyncio.Task<unknown>>>()
    }))

  it("the guards narrow", () =>
    unrun((value: unknown = task) => {
      if (asyncio.isTask(value)) expectTypeOf(value).toEqualTypeOf<asyncio.Task<unknown>>()
      if (asyncio.isFuture(value)) expectTypeOf(value).toEqualTypeOf<asyncio.Future<unknown>>()
    }))

  it("ensureFuture gives a future as it is, and a task of anything else", () =>
    unrun(() => {
      expectTypeOf(asyncio.ensureFuture(task)).toEqualTypeOf<asyncio.Task<string>>()
      expectTypeOf(asyncio.ensureFuture(future)).toEqualTypeOf<asyncio.Future<number>>()
      expectTypeOf(asyncio.ensureFuture(body)).toEqualTypeOf<asyncio.Task<number>>()
      expectTypeOf(asyncio.ensureFuture(promise)).toEqualTypeOf<asyncio.Task<boolean>>()
      expectTypeOf(asyncio.ensureFuture(effect)).toEqualTypeOf<asyncio.Task<Date>>()
    }))
})

describe("the types of waiting", () => {
  it("sleep resolves with what it is given, or nothing", () =>
    unrun(() => {
      expectTypeOf(asyncio.sleep(1)).toEqualTypeOf<Promise<void>>()
      expectTypeOf(asyncio.sleep("1 second", "result")).toEqualTypeOf<Promise<string>>()
      // @ts-expect-error -- no duration
      void asyncio.sleep("soon")
    }))

  it("gather keeps tuples and records", () =>
    unrun(async () => {
      expectTypeOf(asyncio.gather([body, task, future, promise, effect])).toEqualTypeOf<
        asyncio.Future<[number, string, number, boolean, Date]>
      >()
      expectTypeOf(await asyncio.gather({ a: body, b: task })).toEqualTypeOf<{ a: number; b: string }>()
      expectTypeOf(await asyncio.gather(tasks)).toEqualTypeOf<Array<number>>()
      expectTypeOf(await asyncio.gather(new Set([body]))).toEqualTypeOf<Array<number>>()
      expectTypeOf(await asyncio.gather([])).toEqualTypeOf<[]>()
    }))

  it("gather with returnExceptions gives settled results", () =>
    unrun(async () => {
      const returnExceptions = true as const
      expectTypeOf(await asyncio.gather([body, task], { returnExceptions })).toEqualTypeOf<
        [PromiseSettledResult<number>, PromiseSettledResult<string>]
      >()
      expectTypeOf(await asyncio.gather({ a: body }, { returnExceptions: true })).toEqualTypeOf<{
        a: PromiseSettledResult<number>
      }>()
      expectTypeOf(await asyncio.gather(tasks, { returnExceptions: true })).toEqualTypeOf<
        Array<PromiseSettledResult<number>>
      >()
      expectTypeOf(await asyncio.gather([body], { returnExceptions: false })).toEqualTypeOf<[number]>()
    }))

  it("wait gives the futures that were passed in", () =>
    unrun(async () => {
      expectTypeOf(await asyncio.wait([task])).toEqualTypeOf<core.WaitResult<asyncio.Task<string>>>()
      expectTypeOf(await asyncio.wait(tasks, { returnWhen: asyncio.FIRST_COMPLETED })).toEqualTypeOf<
        core.WaitResult<asyncio.Task<number>>
      >()
      // @ts-expect-error -- functions are forbidden
      await asyncio.wait([body])
      // @ts-expect-error -- no such mode
      await asyncio.wait([task], { returnWhen: "SOMETIMES" })
    }))

  it("waitFor and shield give what the awaitable gives", () =>
    unrun(() => {
      expectTypeOf(asyncio.waitFor(body, 1)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(asyncio.waitFor(task, undefined)).toEqualTypeOf<Promise<string>>()
      expectTypeOf(asyncio.waitFor(effect, "1 second")).toEqualTypeOf<Promise<Date>>()
      expectTypeOf(asyncio.shield(task)).toEqualTypeOf<asyncio.Future<string>>()
      expectTypeOf(asyncio.shield(body)).toEqualTypeOf<asyncio.Future<number>>()
    }))

  it("asCompleted gives futures with for await, and promises with for", () =>
    unrun(async () => {
      for await (const each of asyncio.asCompleted([task])) expectTypeOf(each).toEqualTypeOf<asyncio.Task<string>>()
      for await (const each of asyncio.asCompleted([future])) expectTypeOf(each).toEqualTypeOf<asyncio.Future<number>>()
      for await (const each of asyncio.asCompleted([body])) expectTypeOf(each).toEqualTypeOf<asyncio.Task<number>>()
      for (const next of asyncio.asCompleted([task, body])) {
        expectTypeOf(next).toEqualTypeOf<Promise<string | number>>()
      }
    }))

  it("timeouts and groups give what their body gives, and without a body something to dispose of", () =>
    unrun(() => {
      expectTypeOf(asyncio.timeout(1, body)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(asyncio.timeout("1 second", () => "plain")).toEqualTypeOf<Promise<string>>()
      expectTypeOf(asyncio.timeout(1)).toEqualTypeOf<asyncio.Timeout>()
      expectTypeOf(asyncio.timeoutAt(1, body)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(asyncio.timeoutAt(undefined)).toEqualTypeOf<asyncio.Timeout>()
      expectTypeOf(asyncio.taskGroup((group) => group.createTask(body))).toEqualTypeOf<Promise<number>>()
      expectTypeOf(asyncio.taskGroup(async (group) => [group.createTask(effect)])).toEqualTypeOf<
        Promise<Array<asyncio.Task<Date>>>
      >()
      expectTypeOf<asyncio.Timeout>().toExtend<AsyncDisposable>()
      expectTypeOf<asyncio.TaskGroup>().toExtend<AsyncDisposable>()
    }))

  it("catchCancelled gives either result, abortable the promise's", () =>
    unrun(() => {
      expectTypeOf(asyncio.catchCancelled(body, (error) => error.reason)).toEqualTypeOf<
        Promise<number | string | undefined>
      >()
      expectTypeOf(asyncio.abortable(promise)).toEqualTypeOf<Promise<boolean>>()
      expectTypeOf(asyncio.cancelAndWait([task])).toEqualTypeOf<Promise<asyncio.CancelReport<asyncio.Task<string>>>>()
      expectTypeOf(asyncio.cancelAndWait(task)).toEqualTypeOf<Promise<asyncio.CancelReport<asyncio.Task<string>>>>()
      expectTypeOf(asyncio.cancelAndWait([task], { tree: true })).toEqualTypeOf<
        Promise<asyncio.CancelReport<asyncio.Task<unknown>>>
      >()
      expectTypeOf(asyncio.cancelAndWait(["worker", 17, { job: 17 }, (task) => task.done(), task])).toEqualTypeOf<
        Promise<asyncio.CancelReport<asyncio.Task<unknown>>>
      >()
    }))

  it("tasks are found and stopped by names, ids, labels and functions, and labels are strings, numbers and booleans", () =>
    unrun(() => {
      type Tasks = ReadonlyArray<asyncio.Task<unknown>>

      expectTypeOf(asyncio.findTask("worker")).toEqualTypeOf<Tasks[number] | undefined>()
      expectTypeOf(asyncio.findTasks({ job: 17 })).toEqualTypeOf<Tasks>()
      expectTypeOf(asyncio.findTasks((task) => task.labels["job"] === 17)).toEqualTypeOf<Tasks>()
      expectTypeOf(asyncio.cancelTree(task, "why", { kind: "disconnect" })).toEqualTypeOf<Tasks>()
      expectTypeOf(asyncio.promote(task)).toEqualTypeOf<void>()
      // @ts-expect-error an object is no label
      void asyncio.createTask(body, { labels: { job: {} } })
      // @ts-expect-error there is no such kind
      asyncio.cancelTree(task, "why", { kind: "whatever" })
    }))

  it("toThread takes the arguments of its function, and flattens its promise", () =>
    unrun(() => {
      expectTypeOf(asyncio.toThread((n: number) => `${n}`, 1)).toEqualTypeOf<Promise<string>>()
      expectTypeOf(asyncio.toThread(body)).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error -- another argument is needed
      void asyncio.toThread((n: number) => n)
      const toPool = asyncio.threadPool({ maxThreads: 2 })
      expectTypeOf(toPool).toEqualTypeOf<typeof asyncio.toThread>()
      expectTypeOf(toPool((n: number) => `${n}`, 1)).toEqualTypeOf<Promise<string>>()
      expectTypeOf(toPool<number>({ module: "./work.js" })).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error -- a pool without a limit would be one more of the loop's
      asyncio.threadPool({})
    }))
})

describe("the types of what is between tasks", () => {
  it("a queue has items of one type", () =>
    unrun(async () => {
      const queue = new asyncio.Queue<string>()
      expectTypeOf(await queue.get()).toEqualTypeOf<string>()
      expectTypeOf(queue.getNowait()).toEqualTypeOf<string>()
      for await (const item of queue) expectTypeOf(item).toEqualTypeOf<string>()
      // @ts-expect-error -- another type
      queue.putNowait(1)
      expectTypeOf(new asyncio.PriorityQueue<number>()).toExtend<asyncio.Queue<number>>()
      const makeQueue = (options: asyncio.PriorityQueueOptions<Date>) => new asyncio.PriorityQueue(options)
      expectTypeOf(makeQueue({ order: (a, b) => a.getTime() - b.getTime() })).toExtend<asyncio.Queue<Date>>()
      makeQueue({ order: Order.flip(Order.Date) })
      // @ts-expect-error -- no comparison: Array.sort asks for a number, too
      makeQueue({ order: (a, b) => a < b })
      expectTypeOf(new asyncio.LifoQueue<number>()).toExtend<asyncio.Queue<number>>()
    }))

  it("locks give true or what the body gives, and something to dispose of", () =>
    unrun(async () => {
      const lock = new asyncio.Lock()
      expectTypeOf(await lock.acquire()).toEqualTypeOf<true>()
      expectTypeOf(lock.use(body)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(await lock.hold()).toEqualTypeOf<asyncio.Held>()
      expectTypeOf(new asyncio.Barrier(1).use(async (index) => index)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(new asyncio.Condition(lock).waitFor(() => "truthy")).toEqualTypeOf<Promise<string>>()
    }))

  it("a context variable has the type of its default", () =>
    unrun(() => {
      const user = asyncio.ContextVar.make("user", { defaultValue: "nobody" })
      expectTypeOf(user.get()).toEqualTypeOf<string>()
      expectTypeOf(user.get(0)).toEqualTypeOf<string | number>()
      expectTypeOf(user.set("ada").oldValue).toEqualTypeOf<string | typeof asyncio.Token.MISSING>()
      expectTypeOf(asyncio.ContextVar.make<number>("n").get()).toEqualTypeOf<number>()
      expectTypeOf(asyncio.copyContext()).toEqualTypeOf<asyncio.ContextVars>()
      expectTypeOf(asyncio.copyContext().run((n: number) => String(n), 1)).toEqualTypeOf<string>()
    }))
})

describe("the types of the edges", () => {
  it("run gives what main gives, and takes runtimes of any kind", () =>
    unrun((layer: Layer.Layer<Date, Error> = undefined as never) => {
      const runtime = undefined as unknown as ManagedRuntime.ManagedRuntime<Date, Error>
      const context = undefined as unknown as Context.Context<never>
      expectTypeOf(asyncio.run(body)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(asyncio.run(() => "plain", { runtime: layer, context })).toEqualTypeOf<Promise<string>>()
      expectTypeOf(asyncio.run((me) => me.getName(), { runtime })).toEqualTypeOf<Promise<string>>()
      expectTypeOf(new asyncio.Runner({ runtime: layer }).run(body)).toEqualTypeOf<Promise<number>>()
      // @ts-expect-error -- no Effect, but a function
      void asyncio.run(effect)
      // @ts-expect-error -- a Runner's tasks are named run by run
      void new asyncio.Runner({ name: "main" })
    }))

  it("runEffect gives what the Effect gives, toEffect an Effect of what the function gives", () =>
    unrun(() => {
      expectTypeOf(asyncio.runEffect(effect)).toEqualTypeOf<Promise<Date>>()
      // @ts-expect-error -- a promise is no Effect
      void asyncio.runEffect(promise)
    }))

  it("the loop's callbacks get the arguments they take", () =>
    unrun((loop: asyncio.EventLoop = undefined as never) => {
      expectTypeOf(loop.callSoon((n: number) => n, 1)).toEqualTypeOf<asyncio.Handle>()
      expectTypeOf(loop.callLater(1, () => {})).toEqualTypeOf<asyncio.TimerHandle>()
      expectTypeOf(loop.createFuture<string>()).toEqualTypeOf<asyncio.Future<string>>()
      expectTypeOf(loop.createTask(body)).toEqualTypeOf<asyncio.Task<number>>()
      // @ts-expect-error -- an argument of another type
      loop.callSoon((n: number) => n, "1")
    }))

  it("catchCancelled with a handler for each kind knows what each tells", () =>
    unrun(() => {
      const caught = asyncio.catchCancelled(async () => 1, {
        timeout: (error) => error.deadline.toFixed(),
        disconnect: async (error) => error.kind
      })

      expectTypeOf(caught).toEqualTypeOf<Promise<number | string>>()
      // @ts-expect-error no kind
      void asyncio.catchCancelled(async () => 1, { tiemout: () => 2 })
      // @ts-expect-error no kind
      asyncio.currentTask()?.cancel("why", { kind: "tiemout" })
    }))

  it("catchGroup gives each handler its members, and what any of them gives", () =>
    unrun(() => {
      const caught = asyncio.catchGroup(
        body,
        RangeError,
        (group) => {
          expectTypeOf(group).toEqualTypeOf<asyncio.ExceptionGroup<RangeError>>()
          return "a" as const
        },
        [asyncio.QueueFull, asyncio.QueueEmpty],
        async (group) => {
          expectTypeOf(group).toEqualTypeOf<asyncio.ExceptionGroup<asyncio.QueueFull | asyncio.QueueEmpty>>()
          return true
        }
      )
      expectTypeOf(caught).toEqualTypeOf<Promise<number | "a" | boolean>>()
      // @ts-expect-error -- a class without its handler
      void asyncio.catchGroup(body, RangeError, () => 1, SyntaxError)
    }))

  it("toEffect fails with an error with a tag, or with what catch makes", () =>
    unrun(() => {
      expectTypeOf(asyncio.toEffect({ try: body, catch: () => "failed" as const })).toEqualTypeOf<
        Effect.Effect<number, "failed" | asyncio.CancelledError>
      >()
      type Tagged = Cause.UnknownError | asyncio.CancelledError | asyncio.ExceptionGroup
      expectTypeOf(asyncio.toEffect(body)).toEqualTypeOf<Effect.Effect<number, Tagged>>()
      const awaits = Effect.gen(function* () {
        return yield* asyncio.createTask(body)
      })
      expectTypeOf(awaits).toEqualTypeOf<Effect.Effect<number, Tagged>>()
    }))
})
