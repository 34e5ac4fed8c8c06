/**
 * The workers of a run, of which one is killed from time to time.
 */
import { fileURLToPath } from "node:url"
import { type Program, startProgram } from "../../../tools/servers/programs.ts"

export class Fleet {
  /** The processes that were killed, and when. */
  readonly killed = new Map<number, number>()
  readonly #workers: Array<Program> = []
  readonly #args: ReadonlyArray<string>

  private constructor(args: ReadonlyArray<string>) {
    this.#args = args
  }

  /** Starts so many workers on a database, and waits until they are there. */
  static async start(url: string, log: string, count: number): Promise<Fleet> {
    const fleet = new Fleet([url, log])
    await Promise.all(Array.from({ length: count }, () => fleet.#add()))
    return fleet
  }

  /** Kills one, whatever it does, and starts another in its place. */
  async killOne(): Promise<void> {
    const victim = this.#workers.splice(Math.floor(Math.random() * this.#workers.length), 1)[0]
    if (victim === undefined) return
    victim.kill("SIGKILL")
    await victim.ended
    this.killed.set(victim.pid, Date.now())
    await this.#add()
  }

  async end(): Promise<void> {
    for (const worker of this.#workers) worker.kill("SIGKILL")
    await Promise.all(this.#workers.map(({ ended }) => ended))
  }

  async #add(): Promise<void> {
    const worker = startProgram(fileURLToPath(new URL("worker.ts", import.meta.url)), { args: this.#args })
    this.#workers.push(worker)
    await worker.line(/^ready$/)
  }
}
