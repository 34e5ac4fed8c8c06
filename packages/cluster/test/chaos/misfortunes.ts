/**
 * What goes wrong in a run: one of these, at a moment of its own.
 */
import { fileURLToPath } from "node:url"
import { freePort } from "../../../tools/servers/ports.ts"
import { Proxy, type ProxyState } from "../../../tools/servers/proxy.ts"
import type { Server } from "../../../tools/servers/servers.ts"
import type { Equipment, Fleet } from "./fleet.ts"

export interface Misfortune {
  /** What happens, for whoever chooses one. */
  readonly what: string
  readonly strike: (fleet: Fleet, scene: Scene) => Promise<void>
  readonly equip?: (n: number, url: string) => Promise<Equipment>
  /** Milliseconds over which the tasks of a run are created; 400 by default. */
  readonly spread?: number
  /** Whether there is no reason why a task should run twice, or a client be refused. */
  readonly isHarmless?: boolean
  /** Whether it befalls all that use the server, so that others must have one of their own. */
  readonly isServerWide?: boolean
}

export interface Scene {
  readonly postgres: Server
  /** The longest that something is away, in milliseconds; up to this by default, at random. */
  readonly away: number
}

const pause = (millis: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, millis))
const choose = <T>(...choices: ReadonlyArray<T>): T => choices[Math.floor(Math.random() * choices.length)]!

const killOne = (fleet: Fleet): Promise<void> => fleet.killOne()

/** Cuts lines in one of the ways in which lines are cut, and mends them. */
const cut = async (lines: ReadonlyArray<Proxy | undefined>, away: number): Promise<void> => {
  const state = choose<ProxyState>("silent", "refusing")
  for (const line of lines) line?.set(state)
  await pause(Math.random() * away)
  for (const line of lines) line?.set("open")
}

const throughProxy = async (_n: number, url: string): Promise<Equipment> => {
  const database = new URL(url)
  const toDatabase = await Proxy.start(Number(database.port))
  database.port = String(toDatabase.port)
  return { toDatabase, settings: { url: database.href } }
}

const behindProxy = async (): Promise<Equipment> => {
  const port = await freePort()
  const toWorker = await Proxy.start(port)
  return { toWorker, settings: { port: toWorker.port, listen: { port } } }
}

const minutes = 60_000

export const misfortunes = {
  worker: { what: "a worker is killed", strike: killOne },
  database: {
    what: "the database is restarted",
    isServerWide: true,
    strike: async (_fleet, { away, postgres }) => {
      await postgres.halt(choose("SIGINT", "SIGQUIT"))
      await pause(Math.random() * away)
      if (!(await postgres.start())) throw new Error("PostgreSQL did not come back")
    }
  },
  "database-line": {
    what: "the line between a worker and the database is cut",
    equip: throughProxy,
    strike: (fleet, { away }) => cut([fleet.oneOf().toDatabase], away)
  },
  "worker-line": {
    what: "the line to a worker is cut",
    equip: behindProxy,
    strike: (fleet, { away }) => cut([fleet.oneOf().toWorker], away)
  },
  isolation: {
    what: "a worker is cut off from everybody",
    equip: async (n, url) => {
      const [there, here] = [await throughProxy(n, url), await behindProxy()]
      return { ...there, ...here, settings: { ...there.settings, ...here.settings } }
    },
    strike: (fleet, { away }) => {
      const { toDatabase, toWorker } = fleet.oneOf()
      return cut([toDatabase, toWorker], away)
    }
  },
  deploy: {
    what: "all workers are replaced by a newer version, one after the other",
    spread: 8000,
    isHarmless: true,
    strike: (fleet) => fleet.deploy()
  },
  clocks: {
    what: "a worker is killed, and clocks are off by minutes",
    equip: async (n) => ({
      env: {
        CLOCK_SHIFT: String((n % 2 === 0 ? 1 : -1) * (n + 3) * minutes),
        NODE_OPTIONS: `--import ${fileURLToPath(new URL("clock.ts", import.meta.url))}`
      }
    }),
    strike: killOne
  },
  machines: {
    what: "a worker is killed, and each has an address and a name of its own",
    // Each address of 127.0.0.0/8 is this machine's on Linux, and one of its own to whoever connects.
    equip: async (n) => {
      const host = `127.0.0.${n + 2}`
      return { settings: { name: `machine-${n + 2}`, host, listen: { host } } }
    },
    strike: killOne
  }
} satisfies Readonly<Record<string, Misfortune>>
