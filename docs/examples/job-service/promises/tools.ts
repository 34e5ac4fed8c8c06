// The small tools that every code base of promises has.

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Rejects when the promise has not settled in time. */
export const withTimeout = <A>(promise: Promise<A>, ms: number): Promise<A> => {
  let timer: NodeJS.Timeout
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after ${ms} ms`)), ms)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}

/** A queue that refuses what is too much; `take` waits for the next item. */
export class BoundedQueue<A> {
  readonly #limit: number
  readonly #items: Array<A> = []
  readonly #takers: Array<(item: A) => void> = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** False when it is full. */
  offer(item: A): boolean {
    const taker = this.#takers.shift()
    if (taker !== undefined) {
      taker(item)
      return true
    }
    if (this.#items.length >= this.#limit) return false
    this.#items.push(item)
    return true
  }

  async take(): Promise<A> {
    const item = this.#items.shift()
    return item ?? (await new Promise<A>((resolve) => this.#takers.push(resolve)))
  }
}

/** At most so many at a time; the others wait. */
export class Limiter {
  readonly #waiting: Array<() => void> = []
  #free: number

  constructor(limit: number) {
    this.#free = limit
  }

  async run<A>(body: () => Promise<A>): Promise<A> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await body()
    } finally {
      const next = this.#waiting.shift()
      if (next !== undefined) next()
      else this.#free++
    }
  }
}
