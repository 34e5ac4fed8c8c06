// What a page and its workers answer to whoever has a port of theirs. Node.js has the same ports; windows are in test:dashboard.
/// <reference lib="dom" />
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import * as asyncio from "@effect-asyncio/compat"
import { serveTo, type ServeToOptions } from "@effect-asyncio/inspect/browser"
import { PortTalking } from "../../src/browser/ports.ts"
import type { LivePiece, Piece, Summary, TracePiece } from "../../src/protocol.ts"

let ends: Array<() => void> = []
let release: () => void
let program: Promise<void>

/** A door, and what is behind it. */
const doorTo = (options: ServeToOptions = {}): MessagePort => {
  const { port1, port2 } = new MessageChannel()
  const { close } = serveTo(port1, { name: "page", ...options })
  ends.push(close)
  return port2
}

const talkTo = async (options: ServeToOptions = {}): Promise<PortTalking> => {
  const talking = await PortTalking.open(doorTo(options))
  ends.push(() => talking.close())
  return talking
}

/** A connection of which the messages are seen. */
const connectionTo = async (door: MessagePort) => {
  const { port1, port2 } = new MessageChannel()
  const heard: Array<any> = []
  const waiting = new Set<() => void>()
  port1.addEventListener("message", ({ data }) => {
    heard.push(data)
    for (const each of waiting) each()
  })
  port1.start()
  ends.push(() => port1.close())
  door.postMessage({ connect: port2 }, [port2])
  return {
    port: port1,
    heard,
    /** Until so many messages have come. */
    until: async (messages: number) => {
      while (heard.length < messages) await new Promise<void>((resolve) => waiting.add(resolve))
    }
  }
}

const macrotasks = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

beforeEach(async () => {
  ends = []
  await new Promise<void>((started) => {
    program = asyncio.run(async () => {
      const event = new asyncio.Event()
      release = () => event.set()
      const waiting = asyncio.createTask(() => event.wait(), { name: "waiting", labels: { job: 17 } })
      await asyncio.sleep(0)
      started()
      await asyncio.gather([waiting], { returnExceptions: true })
    })
  })
})

afterEach(async () => {
  for (const end of ends) end()
  release()
  await program
})

describe("a page that hands over a port", () => {
  it("says who it is, and answers", async () => {
    const talking = await talkTo()
    const summary = await talking.ask<Summary>({ request: "summary" })

    assert.include(talking.hello, { name: "page", thread: "main", readOnly: true, protocol: 1 })
    assert.isAtLeast(summary.tasks, 2)
  })

  it("dumps everything", async () => {
    const talking = await talkTo()
    const names: Array<string> = []
    for await (const piece of talking.request({ request: "dump" })) {
      if ("tasks" in (piece as Piece)) {
        names.push(...(piece as { readonly tasks: ReadonlyArray<{ name: string }> }).tasks.map(({ name }) => name))
      }
    }

    assert.include(names, "waiting")
  })

  it("tells what changes until nobody listens any more", async () => {
    const talking = await talkTo()
    const told: Array<string> = []
    for await (const piece of talking.request({ request: "live" })) {
      told.push(...((piece as LivePiece).rows?.name ?? []))
      if (told.includes("waiting")) break
    }
    talking.close()

    assert.include(told, "waiting")
  })

  it("records for as long as it is asked to", async () => {
    const talking = await talkTo()
    const pieces: Array<TracePiece> = []
    for await (const piece of talking.request({ request: "record", millis: 1 })) pieces.push(piece as TracePiece)

    const [head] = pieces
    assert.include((head as { readonly trace: { readonly otherData: object } }).trace.otherData, {
      process: "page",
      pid: 1
    })
  })

  it("cancels nothing for who may only look", async () => {
    const talking = await talkTo()
    const answer = await talking
      .ask({ request: "cancel", select: { labels: { job: "17" } } })
      .catch((error: unknown) => String(error))

    assert.match(String(answer), /may not cancel tasks: serveTo\(port, \{ allowCancel: true \}\) lets it/)
  })

  it("cancels for who may", async () => {
    const talking = await talkTo({ allowCancel: true })
    const { tasks } = await talking.ask<{ readonly tasks: ReadonlyArray<{ readonly name: string }> }>({
      request: "cancel",
      select: { labels: { job: "17" } }
    })
    await program

    assert.deepEqual(
      tasks.map(({ name }) => name),
      ["waiting"]
    )
    assert.isUndefined(talking.hello.readOnly)
  })

  it.each([
    ["leaks", { request: "leaks" }, /a page cannot write the heap snapshot/],
    ["profile", { request: "profile", millis: 1 }, /take one in the developer tools/],
    ["nothing", { request: "nothing" }, /there is no request "nothing"/]
  ] as const)("says of %s why it does not", async (_, request, why) => {
    const talking = await talkTo()

    assert.match(String(await talking.ask(request as never).catch((error: unknown) => String(error))), why)
    assert.isAtLeast((await talking.ask<Summary>({ request: "summary" })).loops, 1)
  })

  it("sends no more than is read", async () => {
    const { heard, port, until } = await connectionTo(doorTo())
    for (let id = 1; id <= 10; id++) port.postMessage({ id, protocol: 1, request: "summary" })
    await until(4)
    await macrotasks()
    const unread = heard.length
    for (let read = 0; read < 30; read++) port.postMessage({ read: true })
    await until(21)

    assert.strictEqual(unread, 4)
    assert.deepEqual(heard[20], { id: 10, end: true })
  })

  it("tells who speaks another version", async () => {
    const { heard, port, until } = await connectionTo(doorTo())
    port.postMessage({ id: 1, protocol: 99, request: "summary" })
    await until(2)

    assert.deepEqual(heard[1], { id: 1, error: "this process speaks version 1 of the protocol, and not 99" })
  })

  it("lets who talks nonsense go, and hears others", async () => {
    const door = doorTo()
    for (const nonsense of [undefined, 1, { connect: 1 }, { request: "dump" }]) door.postMessage(nonsense, [])
    const { heard, port, until } = await connectionTo(door)
    port.postMessage("nonsense")
    await until(2)
    const talking = await PortTalking.open(door)
    ends.push(() => talking.close())

    assert.deepEqual(heard[1], { close: true })
    assert.strictEqual(talking.hello.name, "page")
  })

  it("answers no more when it is closed", async () => {
    const { port1, port2 } = new MessageChannel()
    const serving = serveTo(port1, { name: "page" })
    const talking = await PortTalking.open(port2)
    serving.close()

    assert.match(
      String(await talking.ask({ request: "summary" }).catch((error: unknown) => String(error))),
      /what is looked at has ended meanwhile/
    )
  })
})

describe("a port behind which nobody is", () => {
  it("is given up", async () => {
    const { port1, port2 } = new MessageChannel()
    ends.push(() => port2.close())
    const why = await PortTalking.open(port1, { timeout: 20 }).then(
      () => "",
      (error: unknown) => String(error)
    )

    assert.match(why, /has not answered for 0.02 s: it computes, is stopped by a debugger, or has been closed/)
  })
})
