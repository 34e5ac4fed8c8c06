/**
 * The server that has sent the page.
 */
import { pieceOf } from "../src/border/answers.ts"
import { valueOf } from "../src/border/line.ts"
import type { Source, Target } from "../src/dashboard/source.ts"
import type { LivePiece, Request } from "../src/protocol.ts"

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

/** What a process tells, which the server has only passed on; undefined where it is nothing that one of ours tells. */
const livePieceOf = (json: string): LivePiece | undefined => {
  try {
    return pieceOf("live", valueOf(json))
  } catch {
    return undefined
  }
}

export const serverSource: Source = {
  processes: async () => answerOf(await fetch("/api/processes")),

  live: (pid, hearing) => {
    const events = new EventSource(`/api/live?pid=${encodeURIComponent(pid)}`)
    const end = (why: string) => {
      // Left to itself it would ask again and again.
      events.close()
      hearing.over(why)
    }
    events.addEventListener("piece", ({ data }) => {
      const piece = livePieceOf(String(data))
      if (piece === undefined) end("what listens there is no process of @effect-asyncio/inspect")
      else hearing.piece(piece)
    })
    events.addEventListener("problem", ({ data }) => end(JSON.parse(String(data)) as string))
    events.addEventListener("error", () => end(""))
    return () => events.close()
  },

  ask: async <T>(pid: Target, question: Request) => await post<T>("/api/ask", { pid, question }),

  leaks: async (pid) => await post("/api/leaks", { pid })
}
