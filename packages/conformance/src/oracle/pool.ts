/**
 * CPython in several worker threads.
 */
import { Worker } from "node:worker_threads"
import type { Script } from "../script.ts"
import type { Check, OracleAnswer } from "./answer.ts"
import type { Question, Reply } from "./worker.ts"

// Scripts that a worker gets at once: enough to make the messages cheap, few enough to keep all workers busy.
const chunkSize = 50

export interface AskOptions {
  readonly check?: Check
  /** Scripts with longer traces are abandoned. */
  readonly maxLines?: number
}

export class OraclePool {
  readonly #members: Array<Member>

  private constructor(members: Array<Member>) {
    this.#members = members
  }

  /** Starts the workers, each of which takes a second or two to load CPython. */
  static async start(jobs: number): Promise<OraclePool> {
    return new OraclePool(await Promise.all(Array.from({ length: jobs }, () => Member.start())))
  }

  /** Asks for the traces of scripts; the answers come in the scripts' order. */
  async ask(scripts: ReadonlyArray<Script>, options: AskOptions = {}): Promise<Array<OracleAnswer>> {
    const { check = "none", maxLines } = options
    const mode = JSON.stringify({
      ...(check === "none" ? {} : { check }),
      ...(maxLines === undefined ? {} : { maxlines: maxLines })
    })
    const answers: Array<OracleAnswer> = []
    let next = 0
    const work = async (index: number): Promise<void> => {
      while (next < scripts.length) {
        const start = next
        next = Math.min(scripts.length, start + chunkSize)
        const chunk = await this.#askMember(index, scripts.slice(start, next), mode)
        for (const [offset, answer] of chunk.entries()) answers[start + offset] = answer
      }
    }
    await Promise.all(this.#members.map((_, index) => work(index)))
    return answers
  }

  /** Asks one worker. If CPython crashes, halves the chunk until the script is found that does it. */
  async #askMember(index: number, scripts: ReadonlyArray<Script>, mode: string): Promise<Array<OracleAnswer>> {
    try {
      return await this.#members[index]!.ask(scripts, mode)
    } catch (error) {
      await this.#members[index]!.stop()
      this.#members[index] = await Member.start()
      const [only] = scripts
      if (only === undefined) return []
      if (scripts.length === 1) return [{ id: only.id, error: `the oracle crashed: ${String(error).slice(0, 200)}` }]
      const middle = scripts.length >> 1
      const first = await this.#askMember(index, scripts.slice(0, middle), mode)
      return [...first, ...(await this.#askMember(index, scripts.slice(middle), mode))]
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()))
  }
}

/** One worker. */
class Member {
  readonly #worker: Worker
  readonly #waiting = new Map<number, PromiseWithResolvers<Reply>>()
  #questions = 0

  private constructor() {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { stderr: true })
    this.#worker.on("message", (reply: Reply) => {
      this.#waiting.get(reply.number)?.resolve(reply)
      this.#waiting.delete(reply.number)
    })
    this.#worker.on("error", (error) => this.#fail(error))
    this.#worker.on("exit", (code) => this.#fail(new Error(`the oracle's worker exited with ${code}`)))
  }

  static async start(): Promise<Member> {
    const member = new Member()
    await member.#expect(0)
    return member
  }

  async ask(scripts: ReadonlyArray<Script>, mode: string): Promise<Array<OracleAnswer>> {
    const number = ++this.#questions
    const reply = this.#expect(number)
    const lines = scripts.map((script) => JSON.stringify(script))
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows, this is a worker
    this.#worker.postMessage({ number, lines, mode } satisfies Question)
    const { lines: answers, error } = await reply
    if (answers === undefined) throw new Error(error)
    return answers.map((line) => JSON.parse(line) as OracleAnswer)
  }

  async stop(): Promise<void> {
    this.#waiting.clear()
    await this.#worker.terminate()
  }

  #expect(number: number): Promise<Reply> {
    const reply = Promise.withResolvers<Reply>()
    this.#waiting.set(number, reply)
    return reply.promise
  }

  #fail(error: Error): void {
    for (const reply of this.#waiting.values()) reply.reject(error)
    this.#waiting.clear()
  }
}
