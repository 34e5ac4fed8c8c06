/**
 * Has this process answer for tasks that are on no loop, each store of them at a place of its own.
 */
import { onTasksElsewhereUnsafe } from "@effect-asyncio/core/lowlevel"
import { kindsWith } from "../kinds.ts"
import type { Hello } from "../protocol.ts"
import type { Sockets } from "../sockets.ts"
import { listen } from "../target/server.ts"
import { wayTo } from "./keeper.ts"

/** Answers until it is closed. `hello` is the process's own, whose kinds of cancellation may be asked for. */
export const serveElsewhere = (sockets: Sockets, hello: Hello): { readonly close: () => void } => {
  const ends = new Set<() => void>()
  let part = 0
  const stop = onTasksElsewhereUnsafe((tasks) => {
    const end = begin(
      sockets,
      ++part,
      { ...hello, thread: "main", name: tasks.name, cluster: tasks.id },
      wayTo(tasks, hello.kinds ?? kindsWith())
    )
    ends.add(end)
    return () => {
      ends.delete(end)
      end()
    }
  })
  return {
    close: () => {
      stop()
      for (const end of ends) end()
      ends.clear()
    }
  }
}

const begin = (sockets: Sockets, part: number, hello: Hello, way: ReturnType<typeof wayTo>): (() => void) => {
  let close: (() => void) | undefined
  let isOver = false
  const open = async () => {
    const path = sockets.path({ pid: hello.pid, part })
    const listening = await listen(path, hello, way)
    close = () => {
      listening.close()
      sockets.remove(path)
    }
    // Not before it listens: what is taken away in the middle of that is missed.
    if (isOver) close()
  }
  // A program that cannot be looked into runs all the same.
  open().catch((error: unknown) => {
    process.stderr.write(`effect-asyncio inspect: ${error instanceof Error ? error.message : String(error)}\n`)
  })
  return () => {
    isOver = true
    close?.()
  }
}
