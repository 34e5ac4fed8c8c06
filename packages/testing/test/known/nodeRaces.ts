/**
 * Three races of the benchmark of NACD (Endo and Møller, ECOOP 2025), with stubs in place of sockets and files.
 */
import * as asyncio from "@effect-asyncio/compat"
import { explore, fakeIo } from "@effect-asyncio/testing"
import { assert } from "vitest"
import type { Known } from "./known.ts"

const quiet = { picture: false } as const

// ---- AKA: agentkeepalive#23 ---------------------------------------------------------------------------------------

/** A socket that nobody uses for a second is closed; what is sent on it meanwhile fails. */
const keepAlive = (leavesAtOnce: boolean): Promise<unknown> =>
  explore(
    async () => {
      interface Socket {
        isClosed: boolean
      }
      const free: Array<Socket> = []
      const close = fakeIo([0, 5], (socket: Socket) => void (socket.isClosed = true), { name: "close" })
      const send = fakeIo(
        [20, 12],
        (socket: Socket) => {
          if (socket.isClosed) throw new Error("ECONNRESET")
        },
        { name: "send" }
      )
      const remove = (socket: Socket): void => void free.splice(free.indexOf(socket), 1)
      const request = async (): Promise<void> => {
        const socket = free.pop() ?? { isClosed: false }
        await send(socket)
        free.push(socket)
        setTimeout(async () => {
          if (!free.includes(socket)) return
          if (leavesAtOnce) remove(socket)
          await close(socket)
          if (!leavesAtOnce && free.includes(socket)) remove(socket)
        }, 1000)
      }
      await request()
      await asyncio.sleep(1002)
      await request()
      await asyncio.sleep(2000)
    },
    { ...quiet, allowError: () => false }
  )

// ---- DEL: del#43 --------------------------------------------------------------------------------------------------

/** `folder/**` matches the folder and its file; both are removed at the same time, the folder with all that is in it. */
const remove = (inOrder: boolean): Promise<unknown> =>
  explore(
    async (files: Set<string>) => {
      const unlink = fakeIo([1, 8], (path: string) => void files.delete(path), { name: "unlink" })
      const lstat = fakeIo(
        [1, 4, 20],
        (path: string) => {
          if (!files.has(path)) throw new Error(`ENOENT: no such file or directory, lstat '${path}'`)
        },
        { name: "lstat" }
      )
      const one = async (path: string): Promise<void> => {
        await lstat(path)
        for (const each of [...files].sort().toReversed()) if (each.startsWith(path)) await unlink(each)
      }
      const matches = [...files].sort().toReversed()
      if (inOrder) for (const path of matches) await one(path)
      else await Promise.all(matches.map(one))
    },
    { ...quiet, setup: () => new Set(["folder", "folder/file.js"]) }
  )

// ---- GPT: get-port#23 ---------------------------------------------------------------------------------------------

/** A port is free that can be listened at; it is given away when nobody listens there any more. */
const ports = (remembers: boolean): Promise<unknown> =>
  explore(
    async (given: Array<number>) => {
      const listening = new Set<number>()
      const locked = new Set<number>()
      const listen = fakeIo(1, (port: number) => listening.add(port), { name: "listen" })
      const close = fakeIo([1, 5], (port: number) => listening.delete(port), { name: "close" })
      const getPort = async (): Promise<number> => {
        let port = 3000
        while (listening.has(port) || locked.has(port)) port++
        if (remembers) locked.add(port)
        await listen(port)
        await close(port)
        return port
      }
      await asyncio.taskGroup(async (group) => {
        for (const name of ["first test", "second test"]) {
          group.createTask(
            async () => {
              const port = await getPort()
              given.push(port)
              await listen(port)
            },
            { name }
          )
          await asyncio.sleep(5)
        }
      })
    },
    {
      ...quiet,
      setup: (): Array<number> => [],
      check: (given) => assert.strictEqual(new Set(given).size, given.length, `ports ${given.join(", ")}`)
    }
  )

export const nodeRaces: ReadonlyArray<Known> = [
  {
    name: "AKA, agentkeepalive#23",
    url: "https://github.com/node-modules/agentkeepalive/issues/23",
    about: "a request gets a socket that is being closed because nobody used it",
    search: "explore",
    find: () => keepAlive(false),
    mended: () => keepAlive(true)
  },
  {
    name: "DEL, del#43",
    url: "https://github.com/sindresorhus/del/issues/43",
    about: "a folder and the file in it are removed side by side",
    search: "explore",
    find: () => remove(false),
    mended: () => remove(true)
  },
  {
    name: "GPT, get-port#23",
    url: "https://github.com/sindresorhus/get-port/issues/23",
    about: "two get the same free port",
    search: "explore",
    find: () => ports(false),
    mended: () => ports(true)
  }
]
