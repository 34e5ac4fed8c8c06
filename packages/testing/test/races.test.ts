/**
 * Races as programs of Node.js have them, with stubs in place of files and sockets: each needs the outside to do something else than usual, is
 * found in so many runs, and is not there in the program beside it.
 */
import * as asyncio from "@effect-asyncio/compat"
import { explore, fakeEvent, fakeIo, type ExploreOptions } from "@effect-asyncio/testing"
import { assert, describe, it } from "vitest"
import { failureOf, quiet } from "./support.ts"

/** How many runs it took until the failure was met. */
const runsOf = (message: string): number => Number(/runs +(\d+)/.exec(message)?.[1])

const found = async <S>(program: (state: S) => Promise<unknown>, options: ExploreOptions<S>): Promise<number> =>
  runsOf((await failureOf(explore(program, { ...quiet, ...options }))).message)

describe("an order that is usual and not promised", () => {
  const program =
    (listensFirst: boolean) =>
    async (log: Array<string>): Promise<void> => {
      let listener: ((text: string) => void) | undefined
      const listen = (): void => void (listener = (text) => log.push(text))
      fakeEvent([50, 1], function ready() {
        listener?.("ready")
      })
      const load = fakeIo([10, 20], () => {}, { name: "load" })
      if (listensFirst) listen()
      await load()
      if (!listensFirst) listen()
      await asyncio.sleep(100)
    }
  const options: ExploreOptions<Array<string>> = {
    setup: () => [],
    check: (log) => assert.deepStrictEqual(log, ["ready"])
  }

  it("is found where the event comes before who listens", async () => {
    assert.isBelow(await found(program(false), options), 20)
    await explore(program(true), { ...quiet, ...options, schedules: 200 })
  })
})

describe("a look and an act that are two", () => {
  interface Files {
    readonly names: Set<string>
    made: number
  }
  const program =
    (isOne: boolean) =>
    async (files: Files): Promise<void> => {
      const exists = fakeIo([5, 30], (name: string) => files.names.has(name), { name: "exists" })
      const make = (name: string): void => {
        files.names.add(name)
        files.made++
      }
      const ensure = async (name: string): Promise<void> => {
        if (isOne) {
          if (!files.names.has(name)) make(name)
          await exists(name)
        } else if (!(await exists(name))) {
          await asyncio.sleep(1)
          make(name)
        }
      }
      await asyncio.taskGroup(async (group) => {
        group.createTask(() => ensure("cache"), { name: "first" })
        await asyncio.sleep(20)
        group.createTask(() => ensure("cache"), { name: "second" })
      })
    }
  const options: ExploreOptions<Files> = {
    setup: () => ({ names: new Set(), made: 0 }),
    check: ({ made }) => assert.strictEqual(made, 1, "it is made once")
  }

  it("are found where the second looks before the first has acted", async () => {
    assert.isBelow(await found(program(false), options), 50)
    await explore(program(true), { ...quiet, ...options, schedules: 200 })
  })
})

describe("what is begun when it is first needed", () => {
  const program =
    (keepsPromise: boolean) =>
    async (state: { connections: number }): Promise<void> => {
      const open = fakeIo([2, 40], () => ++state.connections, { name: "open" })
      let connection: number | undefined
      let opening: Promise<number> | undefined
      const connect = async (): Promise<number> => {
        if (keepsPromise) return await (opening ??= open())
        connection ??= await open()
        return connection
      }
      await asyncio.taskGroup(async (group) => {
        group.createTask(connect, { name: "query 1" })
        await asyncio.sleep(10)
        group.createTask(connect, { name: "query 2" })
      })
    }
  const options: ExploreOptions<{ connections: number }> = {
    setup: () => ({ connections: 0 }),
    check: ({ connections }) => assert.strictEqual(connections, 1, "it is opened once")
  }

  it("is found to be begun twice where the first takes longer", async () => {
    assert.isBelow(await found(program(false), options), 20)
    await explore(program(true), { ...quiet, ...options, schedules: 200 })
  })
})
