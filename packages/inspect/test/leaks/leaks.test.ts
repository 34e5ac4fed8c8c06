import { once } from "node:events"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { find } from "../../src/client/find.ts"
import type { Heap } from "../../src/protocol.ts"
import { cli, json, type Program, spawnTool, start, withFolder } from "../process.ts"
import { hello } from "../support.ts"

let files: ReturnType<typeof withFolder>
let program: Program

beforeAll(async () => {
  files = withFolder()
  program = await start("lost.ts", { EFFECT_ASYNCIO_INSPECT_OBSERVE: "1" })
})

afterAll(async () => {
  await program.end()
  files.remove()
})

const isWindows = process.platform === "win32"

const heapFiles = () => readdirSync(files.folder).filter((name) => name.endsWith(".heapsnapshot"))

describe("leaks", () => {
  it("are the tasks that nothing can wake, with those that wait for them", async () => {
    const { heap, leaks, stall, tasks } = await json("leaks", String(program.pid))

    assert.deepStrictEqual(
      leaks.map(({ name }: { name: string }) => name),
      ["lost 1", "lost 2", "lost 3", "parent", "lost parent", "lost \u001B[31mchild", "lost child"]
    )
    assert.isAbove(heap.nodes, 1000)
    assert.deepStrictEqual([tasks, stall > 0], [14, true])
  })

  it("are told of once where they are alike, and below what is lost stands who waits for it", async () => {
    const { code, out } = await cli("leaks", "lost.ts")

    assert.strictEqual(code, 1)
    assert.match(out, /^nothing can wake 7 tasks of 14 any more:\nlost 1 \(\d+\), pending\n {2}waits for a promise\n/)
    assert.match(out, /\n {2}and 2 more that wait for a promise there: lost 2, lost 3\n/)
    assert.match(out, /\nlost \\x1b\[31mchild .*\n.*\n.*\n {4}lost\n {2}waited for by:\n {4}parent\n/)
    assert.notMatch(out, /held|sleeping/)
  })

  it("leave no heap snapshot behind", async () => {
    await cli("leaks", "lost.ts")

    assert.deepStrictEqual(heapFiles(), [])
  })

  /** Waits until that is so; not for as long as a snapshot is kept for somebody who is there. */
  const soon = async (isSo: () => boolean): Promise<boolean> => {
    const end = performance.now() + 20_000
    while (!isSo() && performance.now() < end) await setTimeout(5)
    return isSo()
  }

  it("leave no heap snapshot behind where somebody is tired of waiting", { skip: isWindows }, async () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      const tool = spawnTool({ stdio: "ignore" }, "leaks", "lost.ts")
      const closed = once(tool, "close")
      assert.isTrue(await soon(() => heapFiles().length > 0))
      tool.kill(signal)
      await closed

      assert.isTrue(await soon(() => heapFiles().length === 0), signal)
    }
  })

  it("leave no heap snapshot behind of one who does not take it and leaves", async () => {
    const connection = await find("lost.ts", {})
    const { file } = await connection.ask<Heap>({ request: "leaks" })
    assert.deepStrictEqual(heapFiles(), [file])
    connection.close()

    assert.isTrue(await soon(() => heapFiles().length === 0))
  })

  it("are not looked for on behalf of one who has left while others were first", async () => {
    const numberOf = ({ file }: Heap) => Number(/-(\d+)\./.exec(file!)?.[1])
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => find("lost.ts", {})))
    const asked = first!.ask<Heap>({ request: "leaks" })
    const left = second!.ask<Heap>({ request: "leaks" }).catch(() => {})
    // The first one's is being written, and the second is behind it.
    assert.isTrue(await soon(() => heapFiles().length > 0))
    second!.close()
    const heaps = [await asked, await third!.ask<Heap>({ request: "leaks" })]
    await left
    for (const connection of [first, third]) connection!.close()

    assert.strictEqual(numberOf(heaps[1]!) - numberOf(heaps[0]!), 1)
    assert.isTrue(await soon(() => heapFiles().length === 0))
  })

  it("are not looked for in a heap that is larger than may be, and no file is written", async () => {
    const { code, err, out } = await cli("leaks", "lost.ts", "--max-heap", "1")

    assert.deepStrictEqual([code, out, heapFiles()], [1, "", []])
    assert.match(
      err,
      /^process \d+: its heap has \d+ MB, and more than 1 MB are not written down: .* leaks --max-heap \d+ /
    )
    assert.strictEqual((await cli("leaks", "lost.ts", "--max-heap", "1e3")).code, 2)
  })

  it("are looked for by two at once", async () => {
    const both = await Promise.all([json("leaks", "lost.ts"), json("leaks", "lost.ts")])

    assert.deepStrictEqual(
      both.map(({ leaks }) => leaks.length),
      [7, 7]
    )
  })
})

describe("where each task waits for a timer, or for one that does", () => {
  it("nothing is lost, and no heap snapshot is written to know it", async () => {
    const sleepers = await start("sleepers.ts")
    try {
      const { code, err, out } = await cli("leaks", String(sleepers.pid), "--max-heap", "1")
      const found = await json("leaks", String(sleepers.pid))

      assert.deepStrictEqual([code, out], [0, "each of 11 tasks can be waked\n"])
      assert.match(err, /^the process stood still for .*; its loops wake each of them\n$/)
      assert.deepStrictEqual(Object.keys(found), ["tasks", "leaks", "stall"])
    } finally {
      await sleepers.end()
    }
  })
})

describe("what is no process of ours", () => {
  it("has no file opened or removed that is no heap snapshot of its own", async () => {
    const pid = 999_999_998
    const file = join(files.folder, "4711-1.heapsnapshot")
    writeFileSync(file, "{}")
    for (const name of ["4711-1.heapsnapshot", `../${pid}-1.heapsnapshot`, 7]) {
      const server = createServer((socket) => {
        socket.write(`${JSON.stringify({ hello: { ...hello, pid } })}\n`)
        socket
          .on("error", () => {})
          .on("data", () => {
            socket.write(
              `${JSON.stringify({ id: 1, piece: { file: name, tasks: [], stall: 1 } })}\n{"id":1,"end":true}\n`
            )
          })
      })
      server.listen(join(files.folder, `${pid}.sock`))
      await once(server, "listening")

      const { code, err } = await cli("leaks", String(pid))

      server.close()
      assert.strictEqual(code, 1)
      assert.include(err, `what listens for process ${pid} is no process of @effect-asyncio/inspect`)
    }
    assert.isTrue(existsSync(file))
  })

  it("has a heap snapshot that is none", async () => {
    const pid = 999_999_997
    writeFileSync(join(files.folder, `${pid}-1.heapsnapshot`), '{"snapshot":7}\n')
    const server = createServer((socket) => {
      socket.write(`${JSON.stringify({ hello: { ...hello, pid } })}\n`)
      socket
        .on("error", () => {})
        .on("data", () => {
          const piece = { file: `${pid}-1.heapsnapshot`, tasks: [], stall: 1 }
          socket.write(`${JSON.stringify({ id: 1, piece })}\n{"id":1,"end":true}\n`)
        })
    })
    server.listen(join(files.folder, `${pid}.sock`))
    await once(server, "listening")

    const { code, err } = await cli("leaks", String(pid))

    server.close()
    assert.deepStrictEqual([code, err], [1, `process ${pid}: this is no heap snapshot of V8\n`])
  })
})
