/**
 * The sides that are measured, and their processes.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Answer, Command } from "./side.ts"

export interface SideOf {
  /** `KIND.PLACE`: those of one place are compared. */
  readonly name: string
  readonly title: string
  readonly file: string
  readonly args: ReadonlyArray<string>
}

/** Where databases are. */
export interface Urls {
  /** Gives the address of a database of that name: what is in one is seen by all who use it. */
  readonly postgres?: ((name: string) => string) | undefined
  readonly redis?: string | undefined
}

const side = (name: string, title: string, file: string, ...args: ReadonlyArray<string>): SideOf => ({
  name,
  title,
  file,
  args
})

/** All sides that can be tried here. */
export const sidesOf = ({ postgres, redis }: Urls): ReadonlyArray<SideOf> => {
  return [
    side("raw.memory", "Effect Cluster, one process, memory", "raw.ts", "memory"),
    side("ours.memory", "this package, one process, memory", "ours.ts", "memory"),
    side("raw.sqlite", "Effect Cluster, one process, SQLite", "raw.ts", "sqlite"),
    side("ours.sqlite", "this package, one process, SQLite", "ours.ts", "sqlite"),
    ...(postgres === undefined
      ? []
      : [
          side("raw.postgres", "Effect Cluster, one process, PostgreSQL", "raw.ts", "postgres", postgres("raw_one")),
          side("ours.postgres", "this package, one process, PostgreSQL", "ours.ts", "postgres", postgres("ours_one")),
          side("raw.two", "Effect Cluster, a client and two runners, PostgreSQL", "raw.ts", "two", postgres("raw_two")),
          side("ours.two", "this package, a client and two workers, PostgreSQL", "ours.ts", "two", postgres("ours_two"))
        ]),
    ...(redis === undefined
      ? []
      : [
          side("bullmq.one", "BullMQ, one process, Redis", "bullmq.ts", "one", `${redis}/0`),
          side("bullmq.two", "BullMQ, a client and two workers, Redis", "bullmq.ts", "two", `${redis}/1`)
        ])
  ]
}

export interface Running {
  readonly side: SideOf
  readonly ask: (command: Command) => Promise<ReadonlyArray<number>>
  readonly end: () => Promise<void>
}

/** Starts the process of a side. */
export const start = async (side: SideOf): Promise<Running> => {
  const file = fileURLToPath(new URL(side.file, import.meta.url))
  const execArgv = ["--no-warnings", "--expose-gc", "--conditions=@effect-asyncio/source"]
  // What the engine says of its runners is not asked for.
  const child = fork(file, side.args, { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] })
  const exit = once(child, "exit").then(([code]) => `${side.name} has ended with ${code}`)
  const answer = async (): Promise<ReadonlyArray<number>> => {
    const told = once(child, "message") as Promise<[Answer]>
    const first = await Promise.race([told, exit])
    if (typeof first === "string") throw new Error(first)
    const [answer] = first
    if ("error" in answer) throw new Error(`${side.name}: ${answer.error}`)
    return answer.values
  }
  await answer()
  return {
    side,
    ask: (command) => {
      const told = answer()
      child.send(command)
      return told
    },
    end: async () => {
      // What is left waiting would take its time to end.
      child.kill("SIGKILL")
      await exit
    }
  }
}
