/**
 * Where the page hears of processes: from the server that has sent it.
 */
import type { Listed, Lost } from "../src/dashboard/server.ts"
import type { LivePiece, Request } from "../src/protocol.ts"

export type Process = Listed

export interface Processes {
  readonly processes: ReadonlyArray<Process>
  readonly allowCancel: boolean
}

/** What happens on the line to a process. */
export interface Hearing {
  readonly piece: (piece: LivePiece) => void
  /** It came to an end, and why, if that is known. */
  readonly over: (why: string) => void
}

/** A way to processes. */
export interface Source {
  processes(): Promise<Processes>
  /** Hears of a process until what this gives is called. */
  live(pid: number, hearing: Hearing): () => void
  ask<T>(pid: number, question: Request): Promise<T>
  /** The tasks that nothing can wake any more. The process stands still meanwhile. */
  leaks(pid: number): Promise<Lost>
}

const answerOf = async <T>(response: Response): Promise<T> => {
  if (response.headers.get("content-type") !== "application/json") throw new Error(await response.text())
  const body = (await response.json()) as T & { readonly error?: string }
  if (body.error !== undefined) throw new Error(body.error)
  return body
}

const post = async <T>(path: string, body: object): Promise<T> => {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body)
  })
  return (await answerOf<{ readonly answer: T }>(response)).answer
}

export const serverSource: Source = {
  processes: async () => answerOf(await fetch("/api/processes")),

  live: (pid, hearing) => {
    const events = new EventSource(`/api/live?pid=${pid}`)
    const end = (why: string) => {
      // Left to itself it would ask again and again.
      events.close()
      hearing.over(why)
    }
    events.addEventListener("piece", ({ data }) => hearing.piece(JSON.parse(String(data)) as LivePiece))
    events.addEventListener("problem", ({ data }) => end(JSON.parse(String(data)) as string))
    events.addEventListener("error", () => end(""))
    return () => events.close()
  },

  ask: async <T>(pid: number, question: Request) => await post<T>("/api/ask", { pid, question }),

  leaks: async (pid) => await post("/api/leaks", { pid })
}
