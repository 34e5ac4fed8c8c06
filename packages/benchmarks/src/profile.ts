/**
 * `npm run dev -- bench:profile PEER WORKLOAD`: where V8 says the time of a workload goes, by function, own time first.
 * Writes the profile for the browser's tools with `--cpuprofile FILE`.
 */
import { writeFileSync } from "node:fs"
import { Session } from "node:inspector/promises"
import { basename } from "node:path"
import { parseArgs } from "node:util"
import type { Peer } from "./peer.ts"
import { align } from "./table.ts"
import { workloads } from "./workloads.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { cpuprofile: { type: "string" }, top: { type: "string", default: "20" } }
})
const [name = "core", part = ""] = positionals
const workload = workloads.find((each) => each.name.includes(part))
if (workload === undefined) throw new RangeError(`no workload's name contains ${JSON.stringify(part)}`)
const { peer } = (await import(`../peers/${name}.ts`)) as { peer: Peer }
const program = peer.programs[workload.program]
if (typeof program === "string") throw new RangeError(`${name} has no ${workload.name}: ${program}`)

const probe = { start: () => {}, stop: () => {}, hold: () => {} }
const run = () => program(workload.n, probe, workload.setting)
// Until V8 has compiled it.
for (const start = performance.now(); performance.now() - start < 1000;) await run()

const session = new Session()
session.connect()
await session.post("Profiler.enable")
await session.post("Profiler.setSamplingInterval", { interval: 200 })
await session.post("Profiler.start")
for (let i = 0; i < 5; i++) await run()
const { profile } = await session.post("Profiler.stop")
session.disconnect()
if (values.cpuprofile !== undefined) writeFileSync(values.cpuprofile, JSON.stringify(profile))

const own = new Map<string, number>()
const total = profile.samples?.length ?? 0
const labels = new Map(
  profile.nodes.map(({ callFrame, id }) => {
    const { functionName, lineNumber, url } = callFrame
    const place = url === "" ? "" : ` ${basename(url)}:${lineNumber + 1}`
    return [id, `${functionName === "" ? "(anonymous)" : functionName}${place}`]
  })
)
for (const id of profile.samples ?? []) own.set(labels.get(id)!, (own.get(labels.get(id)!) ?? 0) + 1)
const rows = [...own]
  .sort(([, a], [, b]) => b - a)
  .slice(0, Number(values.top))
  .map(([label, samples]) => [label, `${((100 * samples) / total).toFixed(1)} %`])
console.log(`${workload.name}, ${name}: own time\n${align([["", ""], ...rows])}`)
