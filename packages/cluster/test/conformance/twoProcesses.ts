/**
 * Scripts over two processes with PostgreSQL.
 */
import { fileURLToPath } from "node:url"
import { postgres } from "@effect-asyncio/cluster/postgres"
import { startProgram } from "../../../tools/servers/programs.ts"
import { linesOf, type Scripts, using } from "./clusters.ts"
import { definition, type Emitted } from "./definition.ts"

/** The scripts' `main` here, and their tasks in two other processes. */
export const twoProcesses = async <A>(url: string, body: (scripts: Scripts) => Promise<A>): Promise<A> => {
  const file = fileURLToPath(new URL("worker.ts", import.meta.url))
  const workers = [1, 2].map(() => startProgram(file, { args: [url] }))
  try {
    await Promise.all(workers.map(({ line }) => line(/^ready$/)))
    let asked = 0
    const elsewhere = async (id: string) => {
      // What a worker has printed before it answers has arrived with the answer.
      const word = `asked ${++asked}`
      for (const each of workers) each.tell(word)
      await Promise.all(workers.map(({ line }) => line(new RegExp(`^${word}$`))))
      const printed = workers.flatMap(({ output }) => output().split("\n"))
      return linesOf(
        id,
        printed.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Emitted)
      )
    }
    return await using(postgres({ url, definitions: [definition] }), elsewhere, body)
  } finally {
    for (const each of workers) each.kill("SIGKILL")
    await Promise.all(workers.map(({ ended }) => ended))
  }
}
