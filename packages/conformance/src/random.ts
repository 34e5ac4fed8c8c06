/**
 * A small seeded random number generator (xmur3 and sfc32), the same on every platform.
 */

/** Alternatives with their weights. */
export type Weighted<T> = ReadonlyArray<readonly [weight: number, value: T]>

export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: string) {
    let hash = 1779033703 ^ seed.length
    for (let i = 0; i < seed.length; i++) {
      hash = Math.imul(hash ^ seed.charCodeAt(i), 3432918353)
      hash = (hash << 13) | (hash >>> 19)
    }
    const mix = () => {
      hash = Math.imul(hash ^ (hash >>> 16), 2246822507)
      hash = Math.imul(hash ^ (hash >>> 13), 3266489909)
      return (hash ^= hash >>> 16) >>> 0
    }
    this.#a = mix()
    this.#b = mix()
    this.#c = mix()
    this.#d = mix()
    for (let i = 0; i < 12; i++) this.next()
  }

  /** A number from 0 to below 1. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }

  /** A whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of the items, of which there must be some. */
  pick<T>(items: ReadonlyArray<T>): T {
    return items[Math.floor(this.next() * items.length)]!
  }

  weighted<T>(alternatives: Weighted<T>): T {
    let left = this.next() * alternatives.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of alternatives) {
      left -= weight
      if (left < 0) return value
    }
    return alternatives.at(-1)![1]
  }

  shuffle<T>(items: ReadonlyArray<T>): Array<T> {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = Math.floor(this.next() * (i + 1))
      ;[result[i], result[j]] = [result[j]!, result[i]!]
    }
    return result
  }

  /** Some of the items, in random order. */
  sample<T>(items: ReadonlyArray<T>, count: number): Array<T> {
    return this.shuffle(items).slice(0, count)
  }
}
