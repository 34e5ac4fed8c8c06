import * as asyncio from "@effect-asyncio/compat"
import { fakeIo, ledger } from "@effect-asyncio/testing"

export class Pool {
  readonly #idle = ["connection 1", "connection 2"]
  readonly #ping = fakeIo([5, 40], () => true, { name: "ping" })

  async acquire() {
    const connection = this.#idle.at(-1)
    if (connection === undefined) throw new Error("no connection is free")
    await this.#ping() // is it still alive?
    this.#idle.pop()
    return connection
  }

  release(connection: string) {
    this.#idle.push(connection)
  }
}

export async function queries(pool: Pool) {
  const inUse = ledger<string>("the pool")
  const query = async () => {
    const connection = await pool.acquire()
    inUse.take(connection)
    await asyncio.sleep(10)
    inUse.giveBack(connection)
    pool.release(connection)
  }
  await asyncio.taskGroup(async (group) => {
    group.createTask(query, { name: "query 1" })
    await asyncio.sleep(20)
    group.createTask(query, { name: "query 2" })
  })
}
