/**
 * `leaks`: the tasks that nothing can wake any more.
 */
import { findLeaks } from "../client/leaks.ts"
import { duration } from "../text/durations.ts"
import { leaksText } from "../text/leaks.ts"
import { bold, type CommonOptions, type Io, printJson, printLines } from "./io.ts"
import { connected } from "./show.ts"

export interface LeaksOptions extends CommonOptions {
  /** How large its heap may be, in megabytes. */
  readonly maxHeap?: number
}

export const leaks = (io: Io, target: string, options: LeaksOptions): Promise<number> =>
  connected(io, target, options, async (connection) => {
    const { maxHeap } = options
    const { dump, found } = await findLeaks(connection, maxHeap === undefined ? undefined : maxHeap * 1e6)
    if (options.json === true) await printJson(io, found)
    else {
      const { heap, leaks, stall, tasks } = found
      const many = leaks.length === 1 ? "1 task" : `${leaks.length} tasks`
      const title =
        leaks.length === 0 ? `each of ${tasks} tasks can be waked` : `nothing can wake ${many} of ${tasks} any more:`
      await io.out(`${bold(io, title)}\n`)
      if (dump !== undefined) await printLines(io, leaksText(leaks, dump))
      const seen = heap === undefined ? "its loops wake each of them" : `it has ${heap.nodes} objects`
      io.err(`the process stood still for ${duration(stall)}; ${seen}\n`)
    }
    return found.leaks.length === 0 ? 0 : 1
  })
