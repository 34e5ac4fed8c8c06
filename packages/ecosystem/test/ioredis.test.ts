import * as asyncio from "@effect-asyncio/compat"
import { Redis } from "ioredis"
import { afterAll, assert, describe, it } from "vitest"
import { redisUrl, RedisActivity, withoutRedis } from "./support/redis.ts"
import { sevenWays } from "./support/sevenWays.ts"
import { stoppedBy } from "./support/stopping.ts"

const activity = new RedisActivity("ioredis")
const connect = (connectionName: string) => new Redis(redisUrl ?? "", { connectionName })

describe.skipIf(withoutRedis !== undefined)("ioredis", () => {
  afterAll(async () => {
    assert.deepStrictEqual(await activity.connections(), [], "every connection is closed")
    await activity.close()
  })

  sevenWays(
    {
      library: "ioredis",
      operation: "redis.blpop(key, 0)",
      means: "abortable",
      recipe: "Give what blocks a connection of its own, and redis.disconnect() it in `finally`."
    },
    {
      attempt: () => {
        const { begun, name, stopped } = activity.expect()
        const run = async () => {
          const redis = connect(name)
          try {
            return await asyncio.abortable(redis.blpop("nothing", 0))
          } finally {
            redis.disconnect()
          }
        }
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "ioredis",
      operation: "blpop, CLIENT UNBLOCK on abort",
      means: "abortable",
      recipe: "Keep the connection: CLIENT UNBLOCK id ERROR from another one; recognizeCancellation knows its error."
    },
    {
      open: () => {
        asyncio.recognizeCancellation((error) => error instanceof Error && error.message.startsWith("UNBLOCKED"))
        return Promise.resolve()
      },
      attempt: () => {
        const { begun, name, stopped } = activity.expect()
        const run = async () => {
          const redis = connect(name)
          try {
            return await stoppedBy(
              () => redis.blpop("nothing", 0),
              () => activity.unblock(name)
            )
          } finally {
            await redis.quit()
          }
        }
        return { run, begun, stopped }
      }
    }
  )

  sevenWays(
    {
      library: "ioredis",
      operation: "messages of a channel, by a Queue",
      means: "inside",
      recipe: "Put what the listener is given into a Queue, await queue.get(), and quit in `finally`."
    },
    {
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const stopped = Promise.withResolvers<void>()
        const channel = `ioredis-${Math.random()}`
        const run = async () => {
          const redis = connect("ioredis-subscriber")
          try {
            const messages = new asyncio.Queue<string>()
            redis.on("message", (_, message: string) => messages.putNowait(message))
            await asyncio.abortable(redis.subscribe(channel))
            begun.resolve()
            return await messages.get()
          } finally {
            await redis.quit()
            assert.strictEqual(await activity.subscribers(channel), 0)
            stopped.resolve()
          }
        }
        return { run, begun: begun.promise, stopped: stopped.promise }
      }
    }
  )

  it("messages come to the task that waits for them, in their order", async () => {
    const [reader, writer] = [connect("ioredis-reader"), connect("ioredis-writer")]
    const seen = await asyncio.run(async () => {
      const messages = new asyncio.Queue<string>()
      reader.on("message", (_, message: string) => messages.putNowait(message))
      await reader.subscribe("numbers")
      for (const n of [1, 2, 3]) await writer.publish("numbers", String(n))
      return [await messages.get(), await messages.get(), await messages.get()]
    })
    assert.deepStrictEqual(seen, ["1", "2", "3"])
    await Promise.all([reader.quit(), writer.quit()])
  })
})
