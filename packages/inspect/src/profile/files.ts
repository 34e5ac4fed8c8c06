/**
 * Profiles as files, split by the names of tasks.
 */
import { type CpuProfile, idleNames, nobody, type ProfileNode, samplesOf } from "./cpuProfile.ts"
import { pathsOf } from "./paths.ts"
import type { Steps } from "./steps.ts"

/** A node that is being made. */
interface Node {
  readonly id: number
  readonly callFrame: ProfileNode["callFrame"]
  hitCount: number
  readonly children: Array<number>
  readonly below: Map<unknown, Node>
}

const frame = (functionName: string): ProfileNode["callFrame"] => ({
  functionName,
  scriptId: "0",
  url: "",
  lineNumber: -1,
  columnNumber: -1
})

/** The same profile with a function for each name of tasks around what they have called. */
export const splitProfile = (profile: CpuProfile, steps: Steps): CpuProfile => {
  const pathOf = pathsOf(profile.nodes)
  const nodes: Array<Node> = []
  const make = (callFrame: ProfileNode["callFrame"]): Node => {
    const node = { id: nodes.length + 1, callFrame, hitCount: 0, children: [], below: new Map() }
    nodes.push(node)
    return node
  }
  const under = (node: Node, key: unknown, callFrame: ProfileNode["callFrame"]): Node => {
    let child = node.below.get(key)
    if (child === undefined) {
      child = make(callFrame)
      node.below.set(key, child)
      node.children.push(child.id)
    }
    return child
  }
  const root = make(frame("(root)"))
  const idle = under(root, idleNames, frame("(idle)"))
  const ran = samplesOf(profile, steps)
  const samples: Array<number> = []
  const timeDeltas: Array<number> = []
  let taken = 0
  const names = new Map(profile.nodes.map(({ callFrame, id }) => [id, callFrame.functionName]))
  for (const [i, id] of (profile.samples ?? []).entries()) {
    timeDeltas.push(profile.timeDeltas?.[i] ?? 0)
    let node = idle
    if (!idleNames.has(names.get(id) ?? "")) {
      const called = ran[taken++]?.task ?? nobody
      node = under(root, called, frame(called))
      for (const each of pathOf(id)) node = under(node, each.id, each.callFrame)
    }
    node.hitCount++
    samples.push(node.id)
  }
  const { endTime, startTime } = profile
  return {
    nodes: nodes.map(({ callFrame, children, hitCount, id }) => ({ id, callFrame, hitCount, children })),
    startTime,
    endTime,
    samples,
    timeDeltas
  }
}

/** The file format of https://www.speedscope.app: a profile for each name of tasks. */
export const speedscopeOf = (profile: CpuProfile, steps: Steps, name: string): object => {
  const pathOf = pathsOf(profile.nodes)
  const frames: Array<{
    readonly name: string
    readonly file?: string
    readonly line?: number
    readonly col?: number
  }> = []
  const places = new Map<number, number>()
  const frameOf = ({ callFrame, id }: ProfileNode): number => {
    let place = places.get(id)
    if (place !== undefined) return place
    const { columnNumber, functionName, lineNumber, url } = callFrame
    places.set(id, (place = frames.length))
    const called = functionName === "" ? "(anonymous)" : functionName
    frames.push(
      url === "" ? { name: called } : { name: called, file: url, line: lineNumber + 1, col: columnNumber + 1 }
    )
    return place
  }
  const byTask = new Map<string, { readonly samples: Array<ReadonlyArray<number>>; readonly weights: Array<number> }>()
  for (const { node, task = nobody, weight } of samplesOf(profile, steps)) {
    const of = byTask.get(task) ?? { samples: [], weights: [] }
    byTask.set(task, of)
    of.samples.push(pathOf(node).map(frameOf))
    of.weights.push(weight)
  }
  const profiles = Array.from(byTask, ([task, { samples, weights }]) => ({
    type: "sampled",
    name: task,
    unit: "microseconds",
    startValue: 0,
    endValue: weights.reduce((sum, weight) => sum + weight, 0),
    samples,
    weights
  })).sort((a, b) => b.endValue - a.endValue)
  return {
    $schema: "https://www.speedscope.app/file-format-schema.json",
    name,
    exporter: "@effect-asyncio/inspect",
    activeProfileIndex: 0,
    shared: { frames },
    profiles
  }
}
