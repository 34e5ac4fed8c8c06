import * as asyncio from "@effect-asyncio/compat"
import { createClient } from "redis"
import { afterAll, assert, describe } from "vitest"
import { redisUrl, RedisActivity, withoutRedis } from "./support/redis.ts"
import { sevenWays } from "./support/sevenWays.ts"

const activity = new RedisActivity("node-redis")

const connect = async (name: string) => {
  const client = createClient({ url: redisUrl ?? "", name, disableOfflineQueue: true })
  // One without a listener would end the process.
  client.on("error", () => {})
  await client.connect()
  return client
}

describe.skipIf(withoutRedis !== undefined)("redis", () => {
  afterAll(async () => {
    assert.deepStrictEqual(await activity.connections(), [], "every connection is closed")
    await activity.close()
  })

  sevenWays(
    {
      library: "redis",
      operation: "client.blPop(key, 0)",
      means: "abortable",
      recipe: "Its abortSignal counts until the command is sent. A connection of its own, destroy() in `finally`."
    },
    {
      // A connection for each.
      rounds: 500,
      attempt: () => {
        const { begun, name, stopped } = activity.expect()
        const run = async () => {
          const client = await connect(name)
          try {
            return await asyncio.abortable(client.blPop("nothing", 0))
          } finally {
            client.destroy()
          }
        }
        return { run, begun, stopped }
      }
    }
  )

  let shared: Awaited<ReturnType<typeof connect>>
  sevenWays(
    { library: "redis", operation: "client.withAbortSignal(signal)", means: "signal" },
    {
      open: async () => {
        shared = await connect("node-redis-shared")
      },
      close: async () => {
        assert.strictEqual(await shared.ping(), "PONG")
        shared.destroy()
      },
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const run = async () => {
          // As many as wait to be sent: the socket takes the first ones at once.
          for (;;) {
            const client = shared.withAbortSignal(asyncio.currentSignal())
            await client.ping()
            begun.resolve()
          }
        }
        return { run, begun: begun.promise }
      }
    }
  )

  sevenWays(
    {
      library: "redis",
      operation: "messages of a channel, by a Queue",
      means: "inside",
      recipe: "Put what the listener is given into a Queue, await queue.get(), and destroy() in `finally`."
    },
    {
      attempt: () => {
        const begun = Promise.withResolvers<void>()
        const stopped = Promise.withResolvers<void>()
        const channel = `redis-${Math.random()}`
        const run = async () => {
          const client = await connect("node-redis-subscriber")
          try {
            const messages = new asyncio.Queue<string>()
            await client.subscribe(channel, (message) => messages.putNowait(message))
            begun.resolve()
            return await messages.get()
          } finally {
            await client.unsubscribe()
            client.destroy()
            assert.strictEqual(await activity.subscribers(channel), 0)
            stopped.resolve()
          }
        }
        return { run, begun: begun.promise, stopped: stopped.promise }
      }
    }
  )
})
