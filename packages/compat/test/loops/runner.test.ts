import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import { Context, Effect, Layer } from "effect"
import { assert, describe, it } from "vitest"
import { run, self, text, thrown } from "../support.ts"

const options = { loopFactory: makeVirtualTimeLoop, handleSigint: false }

describe("Runner", () => {
  it("runs one main task after the other on one loop", async () => {
    const runner = new asyncio.Runner(options)
    const look = async () => [self().getName(), asyncio.getRunningLoop() === runner.getLoop()]

    const seen = [await runner.run(look), await runner.run(look, { name: "second" })]

    await runner.close()
    assert.deepStrictEqual(seen, [
      ["Task-1", true],
      ["second", true]
    ])
  })

  it("lets what a main task left behind go on in the next run, and cancels and awaits it on close", async () => {
    const lines: Array<string> = []
    const runner = new asyncio.Runner(options)
    await runner.run(async () => {
      asyncio.createTask(async () => {
        lines.push(await asyncio.sleep(2, "went on"))
        try {
          await asyncio.sleep("1 hour")
        } finally {
          await asyncio.sleep(1)
          lines.push("cleaned up")
        }
      })
      await asyncio.sleep(1)
    })
    lines.push("between")

    await runner.run(() => asyncio.sleep(5))
    await runner.close()

    assert.deepStrictEqual(lines, ["between", "went on", "cleaned up"])
  })

  it("rejects with the error of the main task, and goes on", async () => {
    const runner = new asyncio.Runner(options)

    const seen = [await text(runner.run(() => Promise.reject(new Error("no")))), await runner.run(() => "yes")]

    await runner.close()
    assert.deepStrictEqual(seen, ["Error: no", "yes"])
  })

  it("rejects when it is closed, when it runs, and what is no function", async () => {
    const runner = new asyncio.Runner(options)
    const inside = await runner.run(() => text(runner.run(() => {})))
    const junk = await text(runner.run(1 as unknown as () => void))
    await runner.close()
    await runner.close()

    assert.deepStrictEqual(
      [inside, junk, await text(runner.run(() => {})), thrown(() => runner.getLoop())],
      [
        "RuntimeError: Runner.run() cannot be called from a running event loop",
        "TypeError: a coroutine function was expected, got 1",
        "RuntimeError: Runner is closed",
        "RuntimeError: Runner is closed"
      ]
    )
  })

  it("is closed by await using", async () => {
    const kept: Array<asyncio.EventLoop> = []
    {
      await using runner = new asyncio.Runner(options)
      kept.push(await runner.run(() => asyncio.getRunningLoop()))
    }

    assert.isTrue(kept[0]!.isClosed())
  })

  it("can be closed without having run anything", async () => {
    await new asyncio.Runner(options).close()
  })
})

class Config extends Context.Service<Config, { readonly name: string }>()("test/runner/Config") {}

describe("the services of a Runner", () => {
  const name = () => asyncio.runEffect(Effect.map(Config, (config) => config.name))

  it("are built at the first run, once, and released on close", async () => {
    const lines: Array<string> = []
    const runtime = Layer.effect(
      Config,
      Effect.acquireRelease(
        Effect.sync(() => {
          lines.push("built")
          return { name: "production" }
        }),
        () => Effect.sync(() => lines.push("released"))
      )
    )
    const runner = new asyncio.Runner({ ...options, runtime })

    lines.push(await runner.run(name), await runner.run(name))
    await runner.close()

    assert.deepStrictEqual(lines, ["built", "production", "production", "released"])
  })

  it("that cannot be built reject the run, may be tried again, and let the runner close", async () => {
    let attempts = 0
    const runtime = Layer.effect(
      Config,
      Effect.suspend(() =>
        ++attempts === 1 ? Effect.fail(new Error("no database")) : Effect.succeed({ name: `attempt ${attempts}` })
      )
    )
    const runner = new asyncio.Runner({ ...options, runtime })

    const seen = [await text(runner.run(name)), await runner.run(name)]

    await runner.close()
    assert.deepStrictEqual(seen, ["Error: no database", "attempt 2"])
  })

  it("are not built any more once the runner is closed", async () => {
    const lines: Array<string> = []
    const runtime = Layer.effectDiscard(Effect.sync(() => lines.push("built")))
    const runner = new asyncio.Runner({ ...options, runtime })
    await runner.close()

    lines.push(await text(runner.run(() => {})))

    assert.deepStrictEqual(lines, ["RuntimeError: Runner is closed"])
  })

  it("that can never be built do not keep the runner from closing", async () => {
    const runtime = Layer.effect(Config, Effect.fail(new Error("no database")))
    const runner = new asyncio.Runner({ ...options, runtime })
    await text(runner.run(name))

    await runner.close()
  })
})

describe("a run inside of a Runner's run", () => {
  it("joins it, and is refused with a loop of its own", async () => {
    const runner = new asyncio.Runner(options)

    const seen = await runner.run(async () => {
      const loop = asyncio.getRunningLoop()
      return [await asyncio.run(() => asyncio.getRunningLoop() === loop), await text(run(() => {}))]
    })

    await runner.close()
    assert.deepStrictEqual(seen, [
      true,
      "RuntimeError: asyncio.run() with a loop of its own cannot be called from a running event loop"
    ])
  })
})
