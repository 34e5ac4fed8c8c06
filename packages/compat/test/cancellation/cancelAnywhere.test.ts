// Random nestings of everything that can stand between `cancel()` and what a task waits for, on both sides of the border, with requests
// at random moments. Whatever the program is: a request is never lost, so the task ends, and what it sees tells who asked, why, and what
// kind of stop it is.
import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { Deferred, Effect, Exit } from "effect"
import { assert, describe, it } from "vitest"
import { makeRandom } from "../random.ts"
import { run, runningLoop } from "../support.ts"

/** What a program tells: every cancellation that a leaf saw, and how many of them a handler stopped. */
interface Log {
  readonly seen: Array<core.CancelledError>
  caught: number
}

type Part = (log: Log) => Effect.Effect<unknown, unknown>
type Code = (log: Log) => Promise<unknown>

const why = (error: core.CancelledError) => `${error.kind} by ${error.requestedBy}: ${error.reason}`

const kindsAsked = ["requested", "disconnect", "signal"] as const

/** The kind of what is made for a reason. */
const kindFor = (reason: string): string | undefined => {
  const number = /^asked (\d+)$/.exec(reason)?.[1]
  return number === undefined ? kinds[reason] : kindsAsked[Number(number) % kindsAsked.length]
}

const kinds: Record<string, string> = {
  "the time was up": "timeout",
  "its task group was cancelled": "requested",
  "its fiber was interrupted": "requested",
  "it was asked for before its task group failed": "requested",
  "the code that began it is over": "parent",
  "the body of its task group has failed": "parent",
  "its run is over": "shutdown",
  "the run is over": "shutdown"
}

/** What does not hold together in what a leaf saw. */
const mistakesIn = (error: core.CancelledError): ReadonlyArray<string> => {
  const { deadline, kind, reason, requestedBy, requests } = error
  const known = [requestedBy?.id, ...requests.map(({ to }) => to.id)]
  const isAsked = reason?.startsWith("asked") === true
  const holds = {
    "a reason": reason !== undefined && !reason.includes("undefined"),
    "the kind of that reason": kind === kindFor(reason ?? ""),
    "a deadline where the time was up, and nowhere else": (deadline !== undefined) === (kind === "timeout"),
    "who asked": !isAsked || requestedBy?.name === "Task-1",
    "a way that begins with who asked": requests.every(({ by }) => by === undefined || known.includes(by.id))
  }
  return Object.entries(holds).flatMap(([what, isSo]) => (isSo ? [] : [`${why(error)}: without ${what}`]))
}

const cancellationOf = (exit: Exit.Exit<unknown, unknown>): core.CancelledError | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  let found: core.CancelledError | undefined
  const probe = core.catchCancelled(Effect.failCause(exit.cause), (error) => Effect.sync(() => void (found = error)))
  Effect.runSyncExit(probe)
  return found
}

const leaf =
  (wait: Effect.Effect<unknown, unknown>): Part =>
  (log) =>
    Effect.onExit(wait, (exit) =>
      Effect.sync(() => {
        const error = cancellationOf(exit)
        if (error !== undefined) log.seen.push(error)
      })
    )

const stop = (log: Log) => () => void log.caught++

/** A promise of the host's kind: nothing of ours waits for it, and nothing can cancel it. */
const plainPromise = (delay: number) => new Promise<void>((resolve) => runningLoop().callLaterUnsafe(delay, resolve))

/** What the seed's program is, as text, for when it fails. */
interface Made<A> {
  readonly text: string
  readonly run: A
}

const generator = (seed: number) => {
  const below = makeRandom(seed)
  const pick = <A>(items: ReadonlyArray<A>): A => items[below(items.length)]!
  const delay = () => pick([0, 1, 5, 10, 10, 20, 50])
  const made = <A>(text: string, run: A): Made<A> => ({ text, run })
  // A group cancels its members once, as in asyncio: one that stops the request and waits on keeps the group for ever.
  let mayCatch = true
  const member = <A>(make: () => A): A => {
    const before = mayCatch
    mayCatch = false
    const part = make()
    mayCatch = before
    return part
  }

  const leafEffect = (): Made<Part> => {
    const time = delay()
    return pick([
      () => made(`own(${time})`, leaf(core.sleep(time))),
      () => made(`foreign(${time})`, leaf(Effect.sleep(time))),
      () => made("own", leaf(core.sleep("1 day"))),
      () => made("never", leaf(Effect.never)),
      () => made("deferred", leaf(Deferred.await(Deferred.makeUnsafe<void>()))),
      () => made("yield", leaf(Effect.yieldNow)),
      () => made(`uninterruptible(${time})`, leaf(Effect.uninterruptible(Effect.sleep(time))))
    ])()
  }

  const effect = (depth: number): Made<Part> => {
    if (depth === 0) return leafEffect()
    const time = delay()
    const inner = () => effect(depth - 1)
    return pick([
      leafEffect,
      () => {
        const [a, b] = [inner(), inner()]
        return made(`${a.text}; ${b.text}`, (log: Log) => Effect.andThen(a.run(log), b.run(log)))
      },
      () => {
        const a = inner()
        return made(`timeout(${time}, ${a.text})`, (log: Log) => Effect.ignore(core.timeout(time, a.run(log))))
      },
      () => {
        const [a, b] = [member(inner), inner()]
        return made(`group(${a.text} | ${b.text})`, (log: Log) =>
          core.taskGroup((group: core.TaskGroup) => Effect.andThen(group.createTask(a.run(log)), b.run(log)))
        )
      },
      () => {
        const [a, b] = [member(inner), inner()]
        return made(`stopped group after ${time} (${a.text} | ${b.text})`, (log: Log) =>
          core.taskGroup((group: core.TaskGroup) =>
            Effect.gen(function* () {
              yield* group.createTask(a.run(log))
              const { loop } = yield* core.currentTask
              yield* loop.callLater(time, () => void Effect.runFork(group.cancel))
              yield* b.run(log)
            })
          )
        )
      },
      () => {
        const [a, b] = [inner(), inner()]
        if (!mayCatch) return a
        return made(`catch(${a.text}, ${b.text})`, (log: Log) =>
          core.catchCancelled(a.run(log), () => Effect.andThen(Effect.sync(stop(log)), b.run(log)))
        )
      },
      () => {
        const a = inner()
        return made(`cleanup(${a.text}, ${time})`, (log: Log) => Effect.ensuring(a.run(log), core.sleep(time)))
      },
      () => {
        // A branch is interrupted natively, once.
        const [a, b] = [member(inner), member(inner)]
        return made(`all(${a.text}, ${b.text})`, (log: Log) =>
          Effect.all([a.run(log), b.run(log)], { concurrency: "unbounded" })
        )
      },
      () => {
        const a = code(depth - 1)
        return made(`toEffect(${a.text})`, (log: Log) => asyncio.toEffect(() => a.run(log)))
      }
    ])()
  }

  const leafCode = (): Made<Code> => {
    const time = delay()
    const seeing = (wait: () => Promise<unknown>): Code =>
      async function (log) {
        try {
          await wait()
        } catch (error) {
          if (error instanceof core.CancelledError) log.seen.push(error)
          throw error
        }
      }
    return pick([
      () =>
        made(
          `sleep(${time})`,
          seeing(() => asyncio.sleep(time))
        ),
      () =>
        made(
          "sleep",
          seeing(() => asyncio.sleep("1 day"))
        ),
      () => made(`promise(${time})`, () => plainPromise(time))
    ])()
  }

  const code = (depth: number): Made<Code> => {
    if (depth === 0) return leafCode()
    const time = delay()
    const inner = () => code(depth - 1)
    return pick([
      leafCode,
      () => {
        const [a, b] = [inner(), inner()]
        return made(`${a.text}; ${b.text}`, async (log: Log) => {
          await a.run(log)
          await b.run(log)
        })
      },
      () => {
        const a = inner()
        return made(`timeout(${time}, ${a.text})`, async (log: Log) => {
          try {
            await asyncio.timeout(time, () => a.run(log))
          } catch (error) {
            if (!(error instanceof asyncio.TimeoutError)) throw error
          }
        })
      },
      () => {
        const [a, b] = [member(inner), inner()]
        return made(`group(${a.text} | ${b.text})`, (log: Log) =>
          asyncio.taskGroup(async (group) => {
            group.createTask(() => a.run(log))
            await b.run(log)
          })
        )
      },
      () => {
        const [a, b] = [member(inner), inner()]
        return made(`stopped group after ${time} (${a.text} | ${b.text})`, (log: Log) =>
          asyncio.taskGroup(async (group) => {
            group.createTask(() => a.run(log))
            runningLoop().callLaterUnsafe(time, () => group.cancel())
            await b.run(log)
          })
        )
      },
      () => {
        const [a, b] = [inner(), inner()]
        if (!mayCatch) return a
        return made(`catch(${a.text}, ${b.text})`, (log: Log) =>
          asyncio.catchCancelled(
            () => a.run(log),
            () => {
              stop(log)()
              return b.run(log)
            }
          )
        )
      },
      () => {
        const a = inner()
        const torn = !mayCatch
        return made(`cleanup(${a.text}, ${time})`, async (log: Log) => {
          try {
            await a.run(log)
          } finally {
            const rest = asyncio.sleep(time)
            await (torn ? rest : rest.catch(stop(log)))
          }
        })
      },
      () => {
        // What the other one leaves in flight is cancelled once, and once more at the end of the run.
        const [a, b] = [member(inner), member(inner)]
        return made(`all(${a.text}, ${b.text})`, (log: Log) => Promise.all([a.run(log), b.run(log)]))
      },
      () => {
        const a = effect(depth - 1)
        return made(`runEffect(${a.text})`, (log: Log) => asyncio.runEffect(a.run(log)))
      }
    ])()
  }

  const depth = 1 + below(4)
  const kind = below(2)
  const cancels = Array.from({ length: 1 + below(3) }, () => pick([0, 0, 1, 5, 10, 10, 20, 50]))
  return { program: kind === 0 ? effect(depth) : code(depth), isEffect: kind === 0, cancels }
}

/** Longer than all the cleanup of a program takes. */
const patience = 10_000

/** Runs the program of a seed, and says what is wrong with how it ended. */
const check = (seed: number): Promise<string | undefined> => {
  const { cancels, isEffect, program } = generator(seed)
  const log: Log = { seen: [], caught: 0 }
  const main = async (): Promise<string | undefined> => {
    const task = isEffect
      ? asyncio.createTask((program.run as Part)(log), { name: "subject" })
      : asyncio.createTask(() => (program.run as Code)(log), { name: "subject" })
    const asked: Array<string> = []
    const ask = () => {
      const reason = `asked ${asked.length}`
      const kind = kindsAsked[asked.length % kindsAsked.length]!
      asked.push(`${kind} by Task-1: ${reason}`)
      task.cancel(reason, { kind })
    }
    for (const at of cancels) {
      await asyncio.sleep(at)
      ask()
    }
    // Every one of them ends the task, or is stopped by a handler of the program, of which there are few.
    const handlers = program.text.match(/catch|cleanup/g)?.length ?? 0
    for (let left = 2 * handlers + 2; left > 0 && !task.done(); left--) {
      await asyncio.wait([task], { timeout: patience })
      if (!task.done()) ask()
    }
    await asyncio.wait([task], { timeout: patience })
    if (!task.done()) return `does not end: ${String(task)}`
    const mistakes = log.seen.flatMap(mistakesIn)
    if (mistakes.length > 0) return `a leaf saw ${mistakes.join()}`
    if (!task.cancelled()) return undefined
    const error = (await task.then(undefined, (failure: unknown) => failure)) as core.CancelledError
    // Who stops a request and does not withdraw it makes the next scope pass its own on, as in asyncio; so does one part of a
    // function that took it, for a scope in another part.
    const stopped = log.caught > 0 || program.text.includes("all(")
    const known = asked.includes(why(error))
    return known || stopped ? undefined : `ended as cancelled by ${why(error)}`
  }
  return run(main).then(
    (wrong) => (wrong === undefined ? undefined : `${seed}: ${wrong}\n  ${program.text}\n  cancels: ${cancels.join()}`),
    (error: unknown) => `${seed}: run failed with ${String(error)}\n  ${program.text}\n  cancels: ${cancels.join()}`
  )
}

const seeds = Number(process.env["CANCEL_SEEDS"] ?? 400)
const first = Number(process.env["CANCEL_FIRST"] ?? 1)

describe("a task that is cancelled at any moment, whatever it is made of", () => {
  it("ends, and what it sees says who asked and why", async () => {
    const wrong: Array<string> = []
    for (let seed = first; seed < first + seeds && wrong.length < 8; seed++) {
      const found = await check(seed)
      if (found !== undefined) wrong.push(found)
    }
    assert.deepStrictEqual(wrong, [])
  }, 600_000)
})
