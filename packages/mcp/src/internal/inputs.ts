/**
 * What the tools of one call have asked the client for, and it has not answered yet.
 */
import * as asyncio from "@effect-asyncio/compat"

/** A request to the client, as `tasks/get` shows it. */
export interface InputRequest {
  readonly method: string
  readonly params?: unknown
}

export class InputRequests {
  // In the order in which they were asked. A question that was answered, or whose asker was cancelled, is not in it.
  readonly #pending = new Map<string, { readonly request: InputRequest; readonly answer: asyncio.Future<unknown> }>()
  // Keys are never used again: a late answer to an old question must not answer a new one.
  #asked = 0
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get size(): number {
    return this.#pending.size
  }

  /** The questions by their keys. */
  toObject(): Readonly<Record<string, InputRequest>> {
    return Object.fromEntries(Array.from(this.#pending, ([key, { request }]) => [key, request]))
  }

  ask(request: InputRequest): asyncio.Future<unknown> {
    const key = `input-${++this.#asked}`
    const answer = asyncio.getRunningLoop().createFuture<unknown>()
    this.#pending.set(key, { request, answer })
    answer.addDoneCallback(() => {
      // An asker that was cancelled has no use for the answer.
      if (this.#pending.delete(key)) this.#changed()
    })
    this.#changed()
    return answer
  }

  /** Takes answers by their keys. Those to what was not asked, or is answered, are passed over. */
  answer(responses: Readonly<Record<string, unknown>>): void {
    let any = false
    for (const [key, response] of Object.entries(responses)) {
      const asked = this.#pending.get(key)
      if (asked === undefined) continue
      this.#pending.delete(key)
      any = true
      if (!asked.answer.done()) asked.answer.setResult(response)
    }
    if (any) this.#changed()
  }
}
