/**
 * Tasks that a heap snapshot is to be asked about, and what it says of them.
 */
import { loopsOfThisCopy } from "../make/loops.ts"
import type { Task } from "../model/Task.ts"
import { HeapWalk, type Probe } from "./reached.ts"

const key = Symbol.for("@effect-asyncio/core/leakProbe")

/** Holds the tasks of all loops, and what may hold them beside, where a snapshot has them. */
export const leakProbe = (keeps: ReadonlyArray<object> = []) => {
  const ours = loopsOfThisCopy()
  // Held by the global object, so that it is in the snapshot; by nothing else, so that the walk comes to it in one way.
  const global = globalThis as {
    [key]?: (Probe & { "@effect-asyncio/tasks": ReadonlyArray<Task<unknown, unknown>> }) | undefined
  }
  global[key] = {
    "@effect-asyncio/tasks": ours.flatMap((loop) => loop.allTasksUnsafe()),
    "@effect-asyncio/keeps": [...ours.flatMap((loop) => loop.bookkeeping()), ...keeps]
  }
  return {
    tasks: (): ReadonlyArray<Task<unknown, unknown>> => global[key]?.["@effect-asyncio/tasks"] ?? [],
    end: (): void => void delete global[key]
  }
}

/** What a snapshot says that comes in `pieces`. */
export const findingsIn = (pieces: Iterable<Uint8Array>) => {
  const walk = new HeapWalk()
  for (const piece of pieces) walk.add(piece)
  return walk.end()
}
