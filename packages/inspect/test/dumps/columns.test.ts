import { once } from "node:events"
import { connect, createServer } from "node:net"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/core"
import { dumpOf } from "@effect-asyncio/inspect"
import { Effect } from "effect"
import { rowsOf } from "../../src/client/columns.ts"
import { Agent } from "../../src/target/agent.ts"
import { columnsOf } from "../../src/target/columns.ts"
import { cli, type Program, start, untilWaiting, withFolder } from "../process.ts"
import { dumpHere, hello, piecesOf } from "../support.ts"

const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

describe("columns", () => {
  it("are the rows of a program that does all kinds of things", async () => {
    const rows = await asyncio.run(
      Effect.gen(function* () {
        const lock = yield* asyncio.Lock.make()
        const loop = yield* asyncio.getRunningLoop
        const future = loop.createFutureUnsafe<void>()
        const gate = loop.createFutureUnsafe<void>()
        const sleeper = asyncio.sleep("1 hour")
        yield* lock.acquire
        const tasks = [
          yield* asyncio.createTask(lock.acquire, { name: "waiter", labels: { kind: "import", job: 17 } }),
          yield* asyncio.createTask(lock.acquire, { name: "waiter" }),
          yield* asyncio.createTask(sleeper, { name: "sleeper" }),
          yield* asyncio.createTask(asyncio.sleep("2 hours"), { name: "sleeper", detached: true }),
          yield* asyncio.createTask(asyncio.gather([sleeper, sleeper]), { name: "parent" }),
          yield* asyncio.createTask(future, { name: "for a future" }),
          yield* asyncio.createTask(asyncio.shield(future), { name: "shielded" })
        ]
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
        const stubborn = yield* asyncio.createTask(
          Effect.onInterrupt(sleeper, () => gate),
          { name: "stubborn" }
        )
        yield* asyncio.sleep(0)
        yield* stubborn.cancel("enough")
        yield* asyncio.sleep(0)
        const found = dumpHere(loop).loops[0]!.tasks
        gate.setResultUnsafe(undefined)
        return [found, tasks.length] as const
      })
    )

    assert.isAbove(rows[0].length, rows[1])
    assert.deepStrictEqual(rowsOf(sent(columnsOf(rows[0]))), rows[0])
  })

  it("of no tasks are none", () => {
    assert.deepStrictEqual(rowsOf(sent(columnsOf([]))), [])
  })

  it("tell what all have in common once", async () => {
    const text = await asyncio.run(
      Effect.gen(function* () {
        for (let i = 0; i < 1000; i++) yield* asyncio.createTask(asyncio.sleep("1 hour"))
        yield* asyncio.sleep(0)
        const agent = new Agent()
        const columns = agent.begin(true).pieces.find((piece) => "columns" in piece)
        return [JSON.stringify(columns).length, JSON.stringify(piecesOf(agent).pieces).length] as const
      })
    )

    assert.isBelow(text[0] * 4, text[1])
  })
})

describe("a dump", () => {
  let files: ReturnType<typeof withFolder>
  let program: Program

  beforeAll(async () => {
    files = withFolder()
    program = await start("service.ts")
    await untilWaiting(program, 11)
  })

  afterAll(async () => {
    await program.end()
    files.remove()
  })

  it("comes in rows for a client that knows no columns", async () => {
    const socket = connect(join(files.folder, `${program.pid}.sock`))
    socket.write(`{"id":1,"protocol":1,"request":"dump"}\n`)
    const kinds = new Set<string>()
    for await (const line of createInterface({ input: socket })) {
      const { end, piece } = JSON.parse(line) as { end?: true; piece?: object }
      for (const kind of Object.keys(piece ?? {})) kinds.add(kind)
      if (end === true) break
    }
    socket.destroy()

    assert.deepStrictEqual([...kinds], ["loop", "tasks", "objects"])
  })

  it("says for how long the program has stood still at most", async () => {
    const { stall } = await dumpOf(program.pid)
    const { stall: printed } = JSON.parse((await cli("dump", String(program.pid))).out) as { stall: number }

    assert.isAbove(stall!, 0)
    assert.isAbove(printed, 0)
  })

  it("of a process that knows no columns comes in rows", async () => {
    const { loops } = await dumpOf(program.pid)
    const own = 999_999_999
    const server = createServer((socket) => {
      socket.write(`${JSON.stringify({ hello: { ...hello, pid: own } })}\n`)
      socket
        .on("error", () => {})
        .on("data", () => {
          const { objects, tasks, ...loop } = loops[0]!
          for (const piece of [{ loop }, { tasks }, { objects }]) socket.write(`${JSON.stringify({ id: 1, piece })}\n`)
          socket.write(`{"id":1,"end":true}\n`)
        })
    })
    server.listen(join(files.folder, `${own}.sock`))
    await once(server, "listening")

    const old = await dumpOf(own)

    server.close()
    assert.deepStrictEqual([old.loops, "stall" in old], [loops, false])
  })
})
