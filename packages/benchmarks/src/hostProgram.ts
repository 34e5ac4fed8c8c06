/**
 * The hottest programs of our own on any host, a page included: what packages/tools/runtimes/benchHosts.ts bundles. A host tells only
 * the time on the wall, so the figure is that of the best of many short rounds.
 */
import { peer as compat } from "../peers/compat.ts"
import { peer as core } from "../peers/core.ts"
import { workloads } from "./workloads.ts"

const hot = [
  "create and await",
  "create N, then await all",
  "gather",
  "TaskGroup",
  "sleep(0) in one task",
  "sleep(0) in 100 tasks",
  "queue, 10 producers and consumers",
  "lock handoff",
  "waitFor in time",
  "cancel N sleeping tasks"
]

/** Nanoseconds per operation, by workload. */
export type HostFigures = Readonly<Record<string, number>>

const rounds = 15
const warmUp = 400

/** Measures one of the two libraries. */
export const measureHost = async (library: "core" | "compat"): Promise<HostFigures> => {
  const { programs } = library === "core" ? core : compat
  const figures: Record<string, number> = {}
  for (const workload of workloads) {
    const { name, program, setting } = workload
    const run = programs[program]
    if (!hot.includes(name) || typeof run === "string") continue
    const n = 5000
    const once = async (): Promise<number> => {
      let counted = 0
      let started = performance.now()
      const begun = started
      const probe = {
        start: () => void (started = performance.now()),
        stop: () => void (counted += performance.now() - started),
        hold: () => {}
      }
      await run(n, probe, setting)
      return counted === 0 ? performance.now() - begun : counted
    }
    for (const start = performance.now(); performance.now() - start < warmUp;) await once()
    let best = Infinity
    for (let i = 0; i < rounds; i++) best = Math.min(best, await once())
    figures[name] = (best * 1e6) / workload.operations(n)
  }
  return figures
}

if (typeof process !== "undefined" && /^(core|compat)$/.test(process.argv[2] ?? "")) {
  console.log(JSON.stringify(await measureHost(process.argv[2] as "core" | "compat")))
}
