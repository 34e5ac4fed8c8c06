/** Errors that cannot be read: whoever throws one ends all the same, and the one who awaits is given that very value. */
import { assert, describe, it } from "@effect/vitest"
import * as asyncio from "@effect-asyncio/compat"
import { run } from "../support.ts"

const refuse = (): never => {
  throw new Error("do not look")
}

const errorWith = (key: PropertyKey, name?: string): Error => {
  const error = new Error("secret")
  if (name !== undefined) error.name = name
  return Object.defineProperty(error, key, { get: refuse })
}

const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** Whether a promise rejects with this very value. Nobody may await a proxy that cannot be asked whether it is a promise. */
const rejectsWith = (promise: PromiseLike<unknown>, error: unknown): Promise<boolean> =>
  Promise.resolve(promise).then(
    () => false,
    (reason: unknown) => Object.is(reason, error)
  )

const unreadable: ReadonlyArray<readonly [string, unknown]> = [
  ...(["stack", "cause", "hint", "toString", Symbol.toPrimitive, "name", "message", "constructor"] as const).map(
    (key) => [`an error whose ${String(key)} throws`, errorWith(key)] as const
  ),
  ["an AbortError whose cause throws", errorWith("cause", "AbortError")],
  ["a SuppressedError whose members throw", errorWith("suppressed", "SuppressedError")],
  ["a revoked proxy", revoked({})],
  ["a revoked proxy of an error", revoked(new Error("x"))]
]

const ways: ReadonlyArray<readonly [string, (fail: () => Promise<never>) => Promise<unknown>]> = [
  ["a task", (fail) => asyncio.createTask(fail).then()],
  ["a task that starts eagerly", (fail) => asyncio.createTask(fail, { eagerStart: true }).then()],
  ["a function that throws at once", (fail) => asyncio.createTask(() => fail()).then()],
  ["gather", (fail) => Promise.resolve(asyncio.gather([asyncio.createTask(fail), asyncio.sleep(1)]))],
  ["a timeout", (fail) => asyncio.timeout(10, fail)],
  ["waitFor", (fail) => asyncio.waitFor(asyncio.createTask(fail), 10)],
  ["shield", (fail) => Promise.resolve(asyncio.shield(asyncio.createTask(fail)))],
  ["abortable", (fail) => asyncio.abortable(fail())],
  ["an Effect in a task", (fail) => asyncio.runEffect(asyncio.toEffect(fail))],
  ["ensureFuture", (fail) => Promise.resolve(asyncio.ensureFuture(fail()))],
  ["catchCancelled", (fail) => asyncio.catchCancelled(fail, () => undefined)],
  [
    "a task group",
    async (fail) => {
      const body = async (group: asyncio.TaskGroup) => {
        group.createTask(fail)
        await asyncio.sleep(1000)
      }
      await asyncio.taskGroup(body).catch((group: asyncio.ExceptionGroup) => {
        throw group.errors[0]
      })
    }
  ]
]

describe.each(unreadable)("%s", (_, error) => {
  it.each(ways)("is what %s rejects with", async (_way, way) => {
    // oxlint-disable-next-line typescript/only-throw-error -- that is the point
    const fail = async () => {
      throw error
    }

    const same = await run(async () => rejectsWith(way(fail), error))

    assert.isTrue(same)
  })

  it("is what run rejects with, also after an await", async () => {
    const rejected = await rejectsWith(
      run(async () => {
        await asyncio.sleep(1)
        throw error
      }),
      error
    )

    assert.isTrue(rejected)
  })

  it("is reported when a callback throws it, or a task that nobody awaits", async () => {
    const reports: Array<unknown> = []
    await run(async () => {
      const loop = asyncio.getRunningLoop()
      loop.setExceptionHandler((_loop, context) => {
        reports.push([context.message, Object.is(context.exception, error)])
      })
      loop.callSoon(() => {
        throw error
      })
      asyncio.createTask(async () => {
        throw error
      })
      await asyncio.sleep(0)
    })

    assert.deepStrictEqual(reports, [
      ["Exception in callback <anonymous>()", true],
      ["Task exception was never retrieved", true]
    ])
  })
})

describe("functions whose name cannot be read", () => {
  it.each([
    ["throws", { get: refuse }],
    ["is a symbol", { value: Symbol("n") }],
    ["is a number", { value: 5 }]
  ])("are bodies and callbacks where it %s", async (_, name) => {
    const printed = await run(async () => {
      const lines: Array<string> = []
      const body = Object.defineProperty(
        async function body() {
          await asyncio.sleep(0)
        },
        "name",
        name
      )
      const task = asyncio.createTask(body, { name: "t" })
      const callback = Object.defineProperty(() => void lines.push("called"), "name", name)
      task.addDoneCallback(callback)
      asyncio.getRunningLoop().callSoon(callback)
      lines.push(String(task))
      await task
      await asyncio.sleep(0)
      return lines
    })

    assert.deepStrictEqual(printed, [
      "<Task pending name='t' coro=<coroutine() running> cb=[<anonymous>()]>",
      "called",
      "called"
    ])
  })
})
