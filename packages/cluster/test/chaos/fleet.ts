/**
 * The workers of a run, to which things happen.
 */
import { fileURLToPath } from "node:url"
import { type Program, startProgram } from "../../../tools/servers/programs.ts"
import type { Proxy } from "../../../tools/servers/proxy.ts"
import { now } from "./log.ts"

export interface WorkerSettings {
  readonly url: string
  /** Where its tasks say what they do. */
  readonly log: string
  readonly name?: string
  readonly host?: string
  readonly port?: number
  readonly listen?: { readonly host?: string; readonly port?: number }
  /** Of its definition; 1 by default. */
  readonly version?: number
}

/** What a worker has that others do not have, and the one that takes its place has as well. */
export interface Equipment {
  readonly settings?: Partial<WorkerSettings>
  readonly env?: NodeJS.ProcessEnv
  /** Through which it reaches the database. */
  readonly toDatabase?: Proxy
  /** Through which it is reached. */
  readonly toWorker?: Proxy
}

/** Milliseconds that an orchestrator gives a process that it has told to stop. */
const grace = 30_000

interface Member {
  readonly program: Program
  readonly equipment: Equipment
}

export interface FleetOptions {
  readonly url: string
  readonly log: string
  readonly count: number
  /** What the worker of that number has; all are alike by default. */
  readonly equip?: ((n: number, url: string) => Promise<Equipment>) | undefined
}

export class Fleet {
  /** The processes that were killed, and when. */
  readonly killed = new Map<number, number>()
  #version = 1
  readonly #members = new Set<Member>()
  readonly #options: FleetOptions

  private constructor(options: FleetOptions) {
    this.#options = options
  }

  /** Starts so many workers on a database, and waits until they are there. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options)
    const { count, equip, url } = options
    await Promise.all(Array.from({ length: count }, async (_, n) => fleet.#add((await equip?.(n, url)) ?? {})))
    return fleet
  }

  /** Kills one, whatever it does, and starts another in its place. */
  async killOne(): Promise<void> {
    const victim = this.#oneOf()
    await this.#kill(victim)
    await this.#add(victim.equipment)
  }

  /** Replaces them by a newer version, one after the other, as an orchestrator does: the new one first, or the old one. */
  async deploy(): Promise<void> {
    this.#version++
    const before = [...this.#members]
    for (const old of before) {
      const isNewFirst = Math.random() < 0.5
      if (isNewFirst) await this.#add(old.equipment)
      const { program } = old
      program.kill("SIGTERM")
      const force = setTimeout(() => void this.#kill(old), grace)
      await program.ended
      clearTimeout(force)
      this.#members.delete(old)
      if (!isNewFirst) await this.#add(old.equipment)
    }
  }

  /** What one of them has. */
  oneOf(): Equipment {
    return this.#oneOf().equipment
  }

  async end(): Promise<void> {
    const members = [...this.#members]
    await Promise.all(members.map((member) => this.#kill(member)))
    const lines = members
      .flatMap(({ equipment: { toDatabase, toWorker } }) => [toDatabase, toWorker])
      .filter((line) => line !== undefined)
    await Promise.all(lines.map((line) => line.close()))
    // A line that nobody uses can be cut without harm.
    if (lines.some(({ passed }) => passed === 0)) throw new Error("nobody has used a line that was there to be cut")
  }

  #oneOf(): Member {
    const members = [...this.#members]
    return members[Math.floor(Math.random() * members.length)]!
  }

  async #kill(member: Member): Promise<void> {
    this.#members.delete(member)
    member.program.kill("SIGKILL")
    await member.program.ended
    this.killed.set(member.program.pid, now())
  }

  async #add(equipment: Equipment): Promise<void> {
    const { log, url } = this.#options
    const settings: WorkerSettings = { url, log, version: this.#version, ...equipment.settings }
    const file = fileURLToPath(new URL("worker.ts", import.meta.url))
    const program = startProgram(file, { args: [JSON.stringify(settings)], env: equipment.env ?? {} })
    this.#members.add({ program, equipment })
    await program.line(/^ready$/)
  }
}
