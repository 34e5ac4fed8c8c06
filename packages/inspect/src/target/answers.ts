/**
 * The answers to requests, piece by piece, however the thread of the program is reached.
 */
import type { Request } from "../protocol.ts"

/** A way to the {@link Agent}: methods that read, and orders, which run code of the program. */
export interface Way {
  read(method: "summary" | "observe" | "begin"): Promise<unknown>
  read(method: "next" | "outcome", number: number): Promise<unknown>
  order(method: "cancel", select: unknown, reason: string | undefined): Promise<unknown>
}

interface Part {
  readonly dump: number
  readonly pieces: ReadonlyArray<unknown>
  readonly more: boolean
}

/** What a request is answered with. Throws where there is no such request. */
export async function* answers(request: Request, way: Way): AsyncGenerator {
  switch (request.request) {
    case "summary":
      yield await way.read("summary")
      return
    case "observe":
      yield await way.read("observe")
      return
    case "dump": {
      const first = (await way.read("begin")) as Part
      yield* first.pieces
      for (let part = first; part.more;) {
        part = (await way.read("next", first.dump)) as Part
        yield* part.pieces
      }
      return
    }
    case "cancel":
      yield await way.order("cancel", request.select, request.reason)
      return
    case "outcome":
      yield await way.read("outcome", request.cancel)
      return
  }
  throw new Error(`there is no request ${JSON.stringify((request as { request?: unknown }).request)}`)
}
