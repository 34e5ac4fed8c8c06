// The agent of docs/recipes/agent.md: what a person sees of it is what the page shows, and the threads of other projects that it is made for.
import { readFileSync } from "node:fs"
import * as asyncio from "@effect-asyncio/compat"
import { makeVirtualTimeLoop } from "@effect-asyncio/compat/testing"
import * as core from "@effect-asyncio/core"
import { makeVirtualTimeLoop as makeLoopOfCore } from "@effect-asyncio/core/testing"
import { Client, InMemoryTransport } from "@modelcontextprotocol/client"
import { Effect } from "effect"
import { McpProtocol, McpTest } from "effect/ai"
import { afterEach, assert, describe, it, vi } from "vitest"
import { main as mainOfCore } from "../../examples/agent/core/main.ts"
import { Session as SessionOfCore } from "../../examples/agent/core/session.ts"
import { command as commandOfCore } from "../../examples/agent/core/terminal.ts"
import { tools } from "../../examples/agent/core/tools.ts"
import { main } from "../../examples/agent/main.ts"
import { Session } from "../../examples/agent/session.ts"
import { command } from "../../examples/agent/terminal.ts"
import { threads } from "../../examples/agent/threads.ts"
import { makeServer } from "../../examples/agent/tools.ts"

const page = readFileSync(new URL("../../recipes/agent.md", import.meta.url), "utf8")

const onVirtualTime = <A>(body: () => Promise<A>): Promise<A> => asyncio.run(body, { loopFactory: makeVirtualTimeLoop })

const shown = /```console\n([^]*?)```/.exec(page)?.[1]

/** What was printed, with the numbers that the tasks would have in a process of their own. */
const asAlone = (lines: ReadonlyArray<string>): string => {
  const text = `${lines.join("\n")}\n`
  const before = Number(/^(\d+) report/m.exec(text)?.[1]) - 2
  return text.replaceAll(
    /^((?:> stop )?)(\d+) (?!stopped)/gm,
    (_, start: string, id: string) => `${start}${Number(id) - before} `
  )
}

describe("the agent", () => {
  afterEach(() => void vi.restoreAllMocks())

  it("does what its page shows", async () => {
    const lines: Array<string> = []
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line))

    await onVirtualTime(main)

    assert.strictEqual(asAlone(lines), shown)
  })

  it("does the same in Effect", async () => {
    const lines: Array<string> = []
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line))

    await core.run(mainOfCore(), { loopFactory: makeLoopOfCore })

    assert.strictEqual(asAlone(lines), shown)
  })

  it("has a registry of as many lines as its page says", () => {
    const source = readFileSync(new URL("../../examples/agent/agents.ts", import.meta.url), "utf8")
    const lines = source
      .slice(source.indexOf("export class Agents"))
      .split("\n")
      .filter((line) => line.trim() !== "" && !/^\s*(?:\/\/|\/\*|\*)/.test(line))

    assert.isBelow(lines.length, 60)
    assert.include(page, `${lines.length} lines`)
  })

  it("ends with a kind of its own when its budget is spent", () =>
    onVirtualTime(async () => {
      asyncio.keepEndedTasks(10)
      const session = new Session(3)
      session.start("report")

      await asyncio.sleep("1 minute")

      const kinds = session.agents.ended().map(({ kind, reason }) => [kind, reason])
      assert.deepInclude(kinds, ["budget", "3 turns are spent"])
    }))

  it("ends with a timeout, unless it is given another minute", () =>
    onVirtualTime(async () => {
      const session = new Session(100)
      const [short, long] = [session.start("research", { limit: 5000 }), session.start("search", { limit: 5000 })]
      await asyncio.sleep("1 second")

      session.agents.extend(long, 60_000)

      assert.isFalse(await session.agents.wait(long, 30_000))
      assert.instanceOf(short.exception(), asyncio.TimeoutError)
      await asyncio.wait([long])
      assert.instanceOf(long.exception(), asyncio.TimeoutError)
      assert.strictEqual(asyncio.getRunningLoop().time(), 65_000)
    }))

  it("leaves in the background what a person has sent there", () =>
    onVirtualTime(async () => {
      const session = new Session(100)
      session.start("report")
      await asyncio.sleep("10 seconds")
      const research = session.agents.list().find((task) => task.getName() === "research")!

      await command(session, `background ${research.id}`)
      await command(session, "stop all")

      const left = session.agents.list().map((task) => task.getName())
      assert.deepEqual(left, ["index", "research"])
    }))

  it("is listed and stopped over MCP", async () => {
    const session = new Session(100)
    const server = makeServer(session)
    const client = new Client({ name: "test", version: "1.0.0" })
    const [here, there] = InMemoryTransport.createLinkedPair()
    await Promise.all([server.connect(there), client.connect(here)])
    const call = async (line: string) =>
      ((await client.callTool({ name: "agents", arguments: { line } })).content[0] as { readonly text: string }).text
    const task = session.start("search")

    const listed = await call("list")
    const stopped = await call(`stop ${task.id} not needed`)

    assert.match(listed, /search/)
    assert.strictEqual(stopped, "stopped: search")
    assert.isTrue(task.cancelled())
    await client.close()
  })
})

describe("the agent in Effect", () => {
  const run = <A, E>(body: Effect.Effect<A, E, core.Loop>) => core.run(body, { loopFactory: makeLoopOfCore })

  it("ends with a kind of its own when its budget is spent", () =>
    run(
      Effect.gen(function* () {
        yield* core.keepEndedTasks(10)
        const session = new SessionOfCore(3)
        yield* session.start("report")

        yield* core.sleep("1 minute")

        const kinds = (yield* session.agents.ended).map(({ kind, reason }) => [kind, reason])
        assert.deepInclude(kinds, ["budget", "3 turns are spent"])
      })
    ))

  it("does all that its terminal can", () =>
    run(
      Effect.gen(function* () {
        const session = new SessionOfCore(100)
        const type = (line: string) => commandOfCore(session, line)
        yield* session.start("report")
        yield* core.sleep("10 seconds")
        const research = (yield* session.agents.list).find((task) => task.getName() === "research")!

        const said = [
          yield* type(`extend ${research.id}`),
          yield* type(`background ${research.id}`),
          yield* type("stop all"),
          yield* type(`stop ${research.id} not needed`),
          yield* type(`stop ${research.id}`),
          yield* type("resume search")
        ]

        assert.deepEqual(said.slice(0, 5), [
          "research has another minute",
          "research goes on in the background",
          "2 stopped",
          "stopped: research",
          `nothing runs as ${research.id}`
        ])
        assert.match(said[5]!, /^\d+ goes on$/)
        assert.include(yield* type("list"), "search")
        assert.include(yield* type("help"), "stop ID WHY")
        yield* type("stop all")
      })
    ))

  it("is listed and stopped over MCP", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const session = new SessionOfCore(100)
          const client = yield* McpTest.makeClient(tools(session), { protocols: [McpProtocol.v2025_11_25] })
          const call = (line: string) =>
            Effect.map(client.callTool({ name: "agents", arguments: { line } }), ({ content }) =>
              JSON.stringify(content)
            )
          const task = yield* session.start("search")

          const listed = yield* call("list")
          const stopped = yield* call(`stop ${task.id} not needed`)

          assert.include(listed, "search")
          assert.include(stopped, "stopped: search")
          assert.isTrue(task.cancelled())
        })
      )
    ))
})

describe("a thread", () => {
  for (const { asks, ours, plain, url, wanted } of threads) {
    const logged = (run: (log: (line: string) => void) => Promise<void>) =>
      onVirtualTime(async () => {
        const lines: Array<string> = []
        await run((line) => lines.push(line))
        return lines
      })

    it(`asks that ${asks}: ${url}`, async () => {
      assert.notDeepEqual(await logged(plain), wanted, "with an AbortController")
      assert.deepEqual(await logged(ours), wanted, "with tasks")
    })
  }
})
