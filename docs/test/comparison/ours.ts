import * as compatAsyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import * as asyncio from "@effect-asyncio/core"
import * as testing from "@effect-asyncio/core/testing"
import { Effect } from "effect"
import { counter, type Peer, pause } from "./question.ts"

const cancelled = async (work: () => Promise<unknown>) => {
  const task = compatAsyncio.createTask(work)
  await compatAsyncio.sleep(0)
  await compatAsyncio.cancelAndWait([task], { message: "why" })
  // In an object: what an async function returns is awaited.
  return { task }
}

export const compat: Peer = {
  stopWaits: () =>
    compatAsyncio.run(async () => {
      let cleaned = false
      await cancelled(async () => {
        try {
          await compatAsyncio.sleep("1 hour")
        } finally {
          await pause()
          cleaned = true
        }
      })
      return cleaned
    }),

  resultInSpite: () =>
    compatAsyncio.run(async () => {
      const work = () =>
        compatAsyncio.catchCancelled(
          () => compatAsyncio.sleep("1 hour", "all"),
          () => "half"
        )
      const { task } = await cancelled(work)
      return (await task) === "half"
    }),

  reason: () =>
    compatAsyncio.run(async () => {
      const { task } = await cancelled(() => compatAsyncio.sleep("1 hour"))
      const error = await task.then(
        () => undefined,
        (error: unknown) => error
      )
      return error instanceof compatAsyncio.CancelledError && error.reason === "why"
    }),

  siblings: () =>
    compatAsyncio.run(async () => {
      let stopped = false
      const group = compatAsyncio.taskGroup(async (group) => {
        group.createTask(async () => {
          try {
            await compatAsyncio.sleep("1 hour")
          } finally {
            stopped = true
          }
        })
        group.createTask(async () => {
          await compatAsyncio.sleep(0)
          throw new Error("one")
        })
      })
      await group.catch(() => {})
      return stopped
    }),

  allFailures: () =>
    compatAsyncio.run(async () => {
      const failing = (text: string) => async () => {
        await compatAsyncio.sleep(0)
        throw new Error(text)
      }
      const group = compatAsyncio.taskGroup(async (group) => {
        for (const text of ["one", "two"]) group.createTask(failing(text))
      })
      const caught: unknown = await group.catch((error: unknown) => error)
      return caught instanceof compatAsyncio.ExceptionGroup && caught.errors.length === 2
    }),

  limit: async () => {
    const { job, most } = counter()
    await compatAsyncio.run(() => compatAsyncio.mapTasks([1, 2, 3, 4, 5], job, { concurrency: 2 }))
    return most() === 2
  },

  virtualTime: () => compatAsyncio.run(() => compatAsyncio.sleep("1 hour", true), { loopFactory: makeVirtualTimeLoop })
}

const stopped = <A, E>(work: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const task = yield* asyncio.createTask(work)
    yield* asyncio.sleep(0)
    yield* asyncio.cancelAndWait([task], { message: "why" })
    return task
  })

export const core: Peer = {
  stopWaits: () => {
    let cleaned = false
    const cleanup = Effect.andThen(
      Effect.promise(pause),
      Effect.sync(() => (cleaned = true))
    )
    const work = Effect.ensuring(asyncio.sleep("1 hour"), cleanup)
    return asyncio.run(Effect.map(stopped(work), () => cleaned))
  },

  resultInSpite: () => {
    const work = asyncio.catchCancelled(Effect.as(asyncio.sleep("1 hour"), "all"), () => Effect.succeed("half"))
    return asyncio.run(Effect.map(Effect.flatten(stopped(work)), (value) => value === "half"))
  },

  reason: () => {
    const why = Effect.catchTag(Effect.flatten(stopped(asyncio.sleep("1 hour"))), "CancelledError", (error) =>
      Effect.succeed(error.reason)
    )
    return asyncio.run(Effect.map(why, (reason) => reason === "why"))
  },

  siblings: () => {
    let stoppedToo = false
    const sibling = Effect.ensuring(
      asyncio.sleep("1 hour"),
      Effect.sync(() => (stoppedToo = true))
    )
    const group = asyncio.taskGroup(function* (group: asyncio.TaskGroup<string>) {
      yield* group.createTask(sibling)
      yield* group.createTask(Effect.andThen(asyncio.sleep(0), Effect.fail("one")))
    })
    return asyncio.run(Effect.map(Effect.exit(group), () => stoppedToo))
  },

  allFailures: () => {
    const group = asyncio.taskGroup(function* (group: asyncio.TaskGroup<string>) {
      for (const text of ["one", "two"]) yield* group.createTask(Effect.andThen(asyncio.sleep(0), Effect.fail(text)))
    })
    return asyncio.run(Effect.map(Effect.flip(group), (error) => "errors" in error && error.errors.length === 2))
  },

  limit: async () => {
    const { job, most } = counter()
    await asyncio.run(asyncio.mapTasks([1, 2, 3, 4, 5], () => Effect.promise(job), { concurrency: 2 }))
    return most() === 2
  },

  virtualTime: () => asyncio.run(Effect.as(asyncio.sleep("1 hour"), true), { loopFactory: testing.makeVirtualTimeLoop })
}
