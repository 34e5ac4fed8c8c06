// Compares the three versions of the job service: how long they are, what they do wrong, how many jobs they do in a second,
// and how much processor time a job costs them, which depends less on what else the machine does.
//
//   npm run dev -- migration:numbers
//   npm run dev -- migration:numbers --write     puts the table into docs/job-service.md
//
// Prints a table in markdown and the same as a line of JSON. Everything goes over loopback, and it takes less than a minute:
// in every round each version is started anew and given jobs for a time, with a fast upstream and always so many at a time.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { Agent, createServer, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { knownBugs } from "./knownBugs.ts"

const versions = ["promises", "compat", "core"] as const
type Version = (typeof versions)[number]

const rounds = 5
const concurrency = 32
/** A measurement ends after so many jobs or so many milliseconds, whichever comes first. */
interface Limit {
  readonly jobs: number
  readonly ms: number
}

const limits = { warmUp: { jobs: 500, ms: 1000 }, measured: { jobs: 3000, ms: 1500 } }

/** Lines of code, without blank ones and comments. */
const linesOf = (folder: Version | "shared") => {
  const files = globSync(`${folder}/*.ts`, { cwd: import.meta.dirname })
  const text = files.map((file) => readFileSync(`${import.meta.dirname}/${file}`, "utf8")).join("\n")
  const code = text.replace(/^\s*\/\*[^]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "")
  return code.split("\n").filter((line) => line.trim() !== "").length
}

const listen = async (server: Server) => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers every message with the processor time that the process has used. */
const reportUsage = `process.on("message", () => process.send(process.cpuUsage())); process.channel.unref()`

const start = async (version: Version) => {
  const program = fileURLToPath(new URL(`${version}/main.ts`, import.meta.url))
  const env = { ...process.env, PORT: "0", WORKERS: "64", PER_HOST: "64", QUEUE_LIMIT: "1000" }
  const preload = `data:text/javascript,${encodeURIComponent(reportUsage)}`
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--import", preload, program], {
    env,
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  const lines = createInterface({ input: child.stdout! })
  const failed = once(child, "exit").then((): never => {
    throw new Error(`${version} did not start`)
  })
  const [line] = (await Promise.race([once(lines, "line"), failed])) as [string]
  failed.catch(() => {})
  return { child, port: (JSON.parse(line) as { readonly port: number }).port }
}

interface Answer {
  readonly id: string
  readonly state: string
}

const ask = (agent: Agent, port: number, method: string, path: string, body?: string) =>
  new Promise<Answer>((resolve, reject) => {
    const sent = request({ agent, host: "127.0.0.1", port, method, path }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (part: string) => (text += part))
      response.on("end", () => resolve(JSON.parse(text) as Answer))
      response.on("error", reject)
    })
    sent.on("error", reject)
    sent.end(body)
  })

/** Processor time in microseconds, of all threads. */
const usage = async (child: ChildProcess) => {
  child.send("usage")
  const [{ system, user }] = (await once(child, "message")) as [NodeJS.CpuUsage]
  return system + user
}

/** Submits jobs and waits for each; says how many there were, and how many in a second. */
const drive = async (port: number, url: string, { jobs, ms }: Limit) => {
  const agent = new Agent({ keepAlive: true })
  const body = JSON.stringify({ urls: [url] })
  const began = performance.now()
  let begun = 0
  let done = 0
  const client = async () => {
    while (begun < jobs && performance.now() - began < ms) {
      begun++
      const { id } = await ask(agent, port, "POST", "/jobs", body)
      const job = await ask(agent, port, "GET", `/jobs/${id}?wait=10000`)
      if (job.state !== "done") throw new Error(`a job ended like this: ${JSON.stringify(job)}`)
      done++
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  agent.destroy()
  return { done, perSecond: (done / (performance.now() - began)) * 1000 }
}

interface Figures {
  readonly jobsPerSecond: number
  readonly microsPerJob: number
}

const measure = async (version: Version, url: string): Promise<Figures> => {
  const { child, port } = await start(version)
  try {
    await drive(port, url, limits.warmUp)
    const before = await usage(child)
    const { done, perSecond } = await drive(port, url, limits.measured)
    return { jobsPerSecond: perSecond, microsPerJob: ((await usage(child)) - before) / done }
  } finally {
    child.kill("SIGKILL")
  }
}

interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

const spread = (values: ReadonlyArray<number>, digits: number): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const figure = (at: number) => Number((sorted[at] ?? Number.NaN).toFixed(digits))
  return { median: figure((sorted.length - 1) >> 1), min: figure(0), max: figure(sorted.length - 1) }
}

const upstream = createServer((_, response) => response.end("hello"))
const url = await listen(upstream)
const measured: Readonly<Record<Version, Array<Figures>>> = { promises: [], compat: [], core: [] }
for (let round = 0; round < rounds; round++) {
  // Another one first in every round, so that none always profits from what the machine does meanwhile.
  for (let n = 0; n < versions.length; n++) {
    const version = versions[(round + n) % versions.length]!
    measured[version].push(await measure(version, url))
  }
}
upstream.close()
upstream.closeAllConnections()

const bugs = Object.values(knownBugs)
const figure = (version: Version, name: keyof Figures) => measured[version].map((round) => round[name])
const ratio = (version: Version, name: keyof Figures) =>
  figure(version, name).map((value, round) => value / measured.promises[round]![name])
const results = versions.map((version) => ({
  version,
  lines: linesOf(version),
  bugs: version === "promises" ? new Set(bugs.map(({ cause }) => cause)).size : 0,
  failingTests: version === "promises" ? bugs.length : 0,
  jobsPerSecond: spread(figure(version, "jobsPerSecond"), 0),
  jobsPerSecondRatio: spread(ratio(version, "jobsPerSecond"), 2),
  microsPerJob: spread(figure(version, "microsPerJob"), 0),
  microsPerJobRatio: spread(ratio(version, "microsPerJob"), 2)
}))

const cell = ({ median, min, max }: Spread) => `${median} (${min} to ${max})`
const table = [
  ["version", "lines of code", "bugs", "tests that show them", "jobs per second", "ratio", "CPU µs per job", "ratio"],
  ["---", "---:", "---:", "---:", "---:", "---:", "---:", "---:"],
  ...results.map(({ version, lines, bugs, failingTests, ...measured }) => [
    version,
    lines,
    bugs,
    failingTests,
    ...Object.values(measured).map(cell)
  ])
]
const text = `${table.map((row) => `| ${row.join(" | ")} |`).join("\n")}

Medians of ${rounds} rounds, with the lowest and the highest; ratios are to promises in the same round. ${linesOf("shared")} more
lines are shared by all.
`
console.log(text)
if (process.argv.includes("--write")) {
  const guide = fileURLToPath(new URL("../../job-service.md", import.meta.url))
  const between = /(<!-- migration -->\n)[^]*?(<!-- \/migration -->)/
  writeFileSync(
    guide,
    readFileSync(guide, "utf8").replace(between, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`)
  )
}
console.log(JSON.stringify({ node: process.version, rounds, concurrency, sharedLines: linesOf("shared"), results }))
