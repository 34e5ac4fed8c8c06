/**
 * Who does what in the Redis of the tests, as the server itself sees it.
 */
import { Redis } from "ioredis"

/** Where it listens; undefined where there is none, and its tests are skipped. */
export const redisUrl = process.env.ECOSYSTEM_REDIS

export const withoutRedis = redisUrl === undefined ? "there is no Redis" : undefined

/** What CLIENT LIST says of a connection. */
interface Connection {
  readonly name: string
  readonly flags: string
}

/** How often the server is asked while somebody waits, in milliseconds. */
const pause = 2

export class RedisActivity {
  readonly #redis = new Redis(redisUrl ?? "", { lazyConnect: true })
  readonly #prefix: string
  #list: Promise<ReadonlyArray<Connection>> | undefined = undefined
  #closed = false
  #count = 0

  /** `prefix`: how the names of the library's connections begin. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#redis.quit()
  }

  /** A connection that is going to wait for something, and what the server sees of it. */
  expect(): { readonly name: string; readonly begun: Promise<void>; readonly stopped: Promise<void> } {
    const name = `${this.#prefix}-${++this.#count}`
    const begun = this.#until((all) => all.some((each) => each.name === name && each.flags.includes("b")))
    const stopped = begun.then(() => this.#until((all) => all.every((each) => each.name !== name)))
    return { name, begun, stopped }
  }

  /** Frees a connection that waits, which rejects what it waits for. */
  async unblock(name: string): Promise<void> {
    const text = (await this.#redis.client("LIST")) as string
    const id = text
      .split("\n")
      .map(fieldsOf)
      .find((fields) => fields.get("name") === name)
      ?.get("id")
    if (id !== undefined) await this.#redis.client("UNBLOCK", id, "ERROR")
  }

  /** The names of the library's connections. */
  async connections(): Promise<ReadonlyArray<string>> {
    return (await this.#connections()).map(({ name }) => name).filter((name) => name.startsWith(this.#prefix))
  }

  async subscribers(channel: string): Promise<number> {
    const [, count] = (await this.#redis.pubsub("NUMSUB", channel)) as [string, number]
    return count
  }

  async #until(isSo: (all: ReadonlyArray<Connection>) => boolean): Promise<void> {
    while (!this.#closed && !isSo(await (this.#list ??= this.#nextList()))) continue
  }

  /** Everybody who waits shares an answer. */
  async #nextList(): Promise<ReadonlyArray<Connection>> {
    await new Promise((resolve) => setTimeout(resolve, pause))
    this.#list = undefined
    return this.#closed ? [] : this.#connections()
  }

  async #connections(): Promise<ReadonlyArray<Connection>> {
    const text = (await this.#redis.client("LIST")) as string
    return text
      .split("\n")
      .map(fieldsOf)
      .map((fields) => ({ name: fields.get("name") ?? "", flags: fields.get("flags") ?? "" }))
  }
}

const fieldsOf = (line: string): ReadonlyMap<string, string> =>
  new Map(line.split(" ").map((field) => field.split("=", 2) as [string, string]))
