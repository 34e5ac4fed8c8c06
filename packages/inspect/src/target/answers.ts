/**
 * The answers to requests, piece by piece, however the thread of the program is reached.
 */
import type { Heap, LivePiece, Request } from "../protocol.ts"

/** A piece as the text that is sent: nothing on the way reads it, which would take longer than to make it. */
export class PieceText {
  readonly json: string
  readonly more: boolean

  constructor(json: string, more: boolean) {
    this.json = json
    this.more = more
  }
}

/** A way to the {@link Agent}: methods that read, and orders, which run code of the program. */
export interface Way {
  read(
    method:
      | "summary"
      | "observe"
      | "watch"
      | "startRecording"
      | "endRecording"
      | "startSteps"
      | "stopSteps"
      | "waked"
      | "probe"
      | "endProbe"
  ): Promise<unknown>
  read(method: "begin", columns: boolean): Promise<unknown>
  read(method: "writeHeap", most: number | undefined): Promise<unknown>
  read(method: "removeHeap", file: string): Promise<unknown>
  read(method: "beginTrace", last: number | undefined): Promise<unknown>
  read(method: "next" | "nextOfTrace" | "outcome" | "task" | "unwatch", number: number): Promise<unknown>
  /** What has changed since the last look: often, and much. */
  look(watch: number): Promise<LivePiece | PieceText>
  order(method: "cancel", select: unknown, reason: string | undefined, kind: string | undefined): Promise<unknown>
  /** What the processor does until that resolves. Rejects where the host cannot tell. */
  profile(until: () => Promise<void>): Promise<unknown>
}

/** Holds up no end of the process. */
export const pause = (millis: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, millis)
    // In a browser it is a number.
    timer.unref?.()
  })

/** How soon it is seen that a client has left that waits for a recording. */
const betweenSights = 200

/** Waits as long as the client wants more, and no longer; gives for how long that was. */
const wantedFor = async (millis: number, isWanted: () => boolean): Promise<number> => {
  const begun = performance.now()
  let took = 0
  while (took < millis && isWanted()) {
    await pause(Math.min(millis - took, betweenSights))
    took = performance.now() - begun
  }
  return took
}

/** A profile, with the steps that went on meanwhile. */
export const profileWith = async (way: Way, take: () => Promise<unknown>): Promise<unknown> => {
  if ((await way.read("startSteps")) !== true) {
    throw new Error("somebody else takes a profile of it at this moment: ask again when that is done")
  }
  let profile: unknown
  try {
    profile = await take()
  } catch (error) {
    await way.read("stopSteps")
    throw error
  }
  return { profile, steps: await way.read("stopSteps") }
}

interface Part {
  readonly dump: number
  readonly pieces: ReadonlyArray<unknown>
  readonly more: boolean
}

/** The parts of something that is read in parts. */
async function* parts(first: Part, next: (number: number) => Promise<unknown>): AsyncGenerator {
  yield* first.pieces
  for (let part = first; part.more;) {
    part = (await next(first.dump)) as Part
    yield* part.pieces
  }
}

/** How long nothing is told behind a piece of `live`, in milliseconds. */
const betweenLooks = 500

const last = new WeakMap<Way, Promise<unknown>>()

/** Clients that want the same at once get it one after the other. */
const oneAtATime = <A>(way: Way, work: () => Promise<A>): Promise<A> => {
  const done = (last.get(way) ?? Promise.resolve()).then(work)
  last.set(
    way,
    done.catch(() => {})
  )
  return done
}

/** Tells which tasks there are, with a heap snapshot where some may be lost; nothing for a client that has left before it was begun. */
const heapFor = async (most: number | undefined, way: Way, isHeard: () => boolean): Promise<Heap | undefined> => {
  if (!isHeard()) return undefined
  const waked = (await way.read("waked")) as Heap | null | undefined
  if (waked != null) return waked
  // Each by itself: what is on the stack when the snapshot is written counts as held.
  const tasks = (await way.read("probe")) as Heap["tasks"]
  try {
    return { tasks, ...((await way.read("writeHeap", most)) as Omit<Heap, "tasks">) }
  } finally {
    await way.read("endProbe")
  }
}

/** A client that has not opened its heap snapshot by then never will. */
const heapPatience = 60_000

/** Takes a heap snapshot away as soon as the one it is for has left. */
const forgotten = async (file: string, way: Way, isHeard: () => boolean): Promise<void> => {
  await wantedFor(heapPatience, isHeard)
  // A process that ends does it itself.
  await way.read("removeHeap", file).catch(() => {})
}

/** What is known of the client, while the answer comes. */
export interface Asking {
  /** Whether it is there. */
  readonly isHeard: () => boolean
  /** Whether that one wants more than there is by now. */
  readonly isWanted: () => boolean
}

/** The tasks of the process, with a heap snapshot where some of them may be lost. */
async function* heap(most: number | undefined, way: Way, { isHeard }: Asking): AsyncGenerator {
  const heap = await oneAtATime(way, () => heapFor(most, way, isHeard))
  if (heap === undefined) return
  // A client that has left by now, or leaves before it opens the snapshot, takes that away no more.
  if (heap.file !== undefined) void forgotten(heap.file, way, isHeard)
  yield heap
}

/** What changes, as long as somebody looks. */
async function* live(way: Way, { isWanted }: Asking): AsyncGenerator {
  const watch = (await way.read("watch")) as number
  try {
    // A slow reader is told of all that has changed meanwhile in one: nothing waits to be written.
    while (isWanted()) {
      const piece = await way.look(watch)
      yield piece
      if (piece.more !== true) await pause(betweenLooks)
    }
  } finally {
    await way.read("unwatch", watch)
  }
}

/** The end of what was recorded already, or what is recorded from now on. */
async function* recording(
  { last, millis }: Extract<Request, { readonly request: "record" }>,
  way: Way,
  { isWanted }: Asking
): AsyncGenerator {
  const isOwn = (await way.read("startRecording")) as boolean
  try {
    const took = isOwn ? await wantedFor(millis, isWanted) : Infinity
    // Others may have begun before.
    const first = (await way.read("beginTrace", isOwn ? Math.min(took, last ?? millis) : last)) as Part
    yield* parts(first, (trace) => way.read("nextOfTrace", trace))
  } finally {
    if (isOwn) await way.read("endRecording")
  }
}

/** What a request is answered with, as long as the client listens. Throws where there is no such request. */
export async function* answers(request: Request, way: Way, asking: Asking): AsyncGenerator {
  switch (request.request) {
    case "summary":
      yield await way.read("summary")
      return
    case "observe":
      yield await way.read("observe")
      return
    case "dump":
      yield* parts((await way.read("begin", request.columns === true)) as Part, (dump) => way.read("next", dump))
      return
    case "leaks":
      yield* heap(request.most, way, asking)
      return
    case "live":
      yield* live(way, asking)
      return
    case "task":
      yield await way.read("task", request.task)
      return
    case "record":
      yield* recording(request, way, asking)
      return
    case "profile":
      yield await way.profile(async () => void (await wantedFor(request.millis, asking.isWanted)))
      return
    case "cancel":
      yield await way.order("cancel", request.select, request.reason, request.kind)
      return
    case "outcome":
      yield await way.read("outcome", request.cancel)
      return
  }
  throw new Error(`there is no request ${JSON.stringify((request as { request?: unknown }).request)}`)
}
