/**
 * What V8's profiler tells, and which task was on the processor.
 */
import { pathsOf } from "./paths.ts"
import type { Steps } from "./steps.ts"

/**
 * A function, or a part of one, in a call tree.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly scriptId: string
    readonly url: string
    readonly lineNumber: number
    readonly columnNumber: number
  }
  readonly hitCount?: number | undefined
  readonly children?: ReadonlyArray<number> | undefined
}

/**
 * A profile as V8 gives it, and as Chromium opens it from a `.cpuprofile`. Times are in microseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface CpuProfile {
  readonly nodes: ReadonlyArray<ProfileNode>
  readonly startTime: number
  readonly endTime: number
  readonly samples?: ReadonlyArray<number> | undefined
  readonly timeDeltas?: ReadonlyArray<number> | undefined
}

/**
 * How long the tasks of one name were on the processor.
 *
 * @category models
 * @since 0.1.0
 */
export interface BusyRow {
  /** The name; undefined for what belongs to no task. */
  readonly task: string | undefined
  /** In milliseconds. */
  readonly busy: number
  /** Of the time that was profiled, from 0 to 100. */
  readonly percent: number
  /** Where most of it went: a function and its place. */
  readonly hottest: string
}

/** A sample: which task was on the processor, in which function, for how many microseconds. */
interface Sample {
  /** Undefined for no task. */
  readonly task: string | undefined
  readonly node: number
  readonly weight: number
}

export const idleNames: ReadonlySet<string> = new Set(["(idle)", "(root)"])

/** The samples that were taken while something ran, each with the task whose step was under way. */
export const samplesOf = (profile: CpuProfile, steps: Steps): ReadonlyArray<Sample> => {
  const names = new Map(profile.nodes.map(({ callFrame, id }) => [id, callFrame.functionName]))
  const order = steps.from.map((_, i) => i).sort((a, b) => steps.from[a]! - steps.from[b]!)
  const samples: Array<Sample> = []
  let time = profile.startTime
  let next = 0
  for (const [i, node] of (profile.samples ?? []).entries()) {
    time += profile.timeDeltas?.[i] ?? 0
    while (next < order.length && steps.to[order[next]!]! < time) next++
    if (idleNames.has(names.get(node) ?? "")) continue
    const step = order[next]
    const task = step !== undefined && steps.from[step]! <= time ? steps.names[steps.name[step]!] : undefined
    // A sample stands for the time until the next one.
    const weight = profile.timeDeltas?.[i + 1] ?? profile.endTime - time
    samples.push({ task, node, weight: Math.max(weight, 0) })
  }
  return samples
}

/** Which task was on the processor for how long, the longest first. */
export const busyRows = (profile: CpuProfile, samples: ReadonlyArray<Sample>): ReadonlyArray<BusyRow> => {
  const byTask = new Map<string | undefined, Map<number, number>>()
  for (const { node, task, weight } of samples) {
    const nodes = byTask.get(task) ?? new Map<number, number>()
    byTask.set(task, nodes.set(node, (nodes.get(node) ?? 0) + weight))
  }
  const pathOf = pathsOf(profile.nodes)
  const placeAt = (node: number): { readonly place: string; readonly isProgram: boolean } => {
    const path = pathOf(node)
    const isOf = (is: (url: string) => boolean) => path.findLastIndex(({ callFrame }) => is(callFrame.url))
    const program = isOf((url) => !isHost(url) && !isOurs(url))
    const at = program >= 0 ? program : isOf((url) => !isHost(url))
    const own = path.at(at)
    return { place: own === undefined ? "?" : placeOf(own, path.slice(0, at)), isProgram: program >= 0 }
  }
  const total = profile.endTime - profile.startTime
  return Array.from(byTask, ([task, nodes]): BusyRow => {
    // What runs between the functions of the program is only named where there is nothing of the program.
    const places = { program: new Map<string, number>(), others: new Map<string, number>() }
    let busy = 0
    for (const [node, weight] of nodes) {
      const { isProgram, place } = placeAt(node)
      const byPlace = isProgram ? places.program : places.others
      busy += weight
      byPlace.set(place, (byPlace.get(place) ?? 0) + weight)
    }
    const byPlace = places.program.size > 0 ? places.program : places.others
    const [hottest = "?"] = [...byPlace].sort(([, a], [, b]) => b - a).map(([place]) => place)
    return { task, busy: busy / 1000, percent: total === 0 ? 0 : (100 * busy) / total, hottest }
  }).sort((a, b) => b.busy - a.busy)
}

// What the host does it does for the function that has called it.
const isHost = (url: string): boolean => url === "" || url.startsWith("node:")

/** Whether a function is of this package, of core or compat, or of Effect, as packages are placed: it works for the program's own. */
const isOurs = (url: string): boolean =>
  /[\\/](?:node_modules[\\/](?:@effect-asyncio[\\/]|effect[\\/])|packages[\\/](?:core|compat|inspect)[\\/](?:src|dist)[\\/])/.test(
    url
  )

/** A function and its place. One without a name is called by the function around it in the same file, where there is one. */
const placeOf = ({ callFrame }: ProfileNode, outer: ReadonlyArray<ProfileNode>): string => {
  const { functionName, lineNumber, url } = callFrame
  const around = outer.findLast((each) => each.callFrame.url === url && each.callFrame.functionName !== "")
  const name =
    functionName || (around === undefined ? "(anonymous)" : `(anonymous) in ${around.callFrame.functionName}`)
  return url === "" ? name : `${name} ${url.replace(/^file:\/\//, "")}:${lineNumber + 1}`
}

/** How what belongs to no task is called. */
export const nobody = "(no task)"
