// Compares the versions of the job service: how long they are, what they do wrong, how many jobs they do in a second, and how
// much processor time a job costs them, which depends less on what else the machine does.
//
//   npm run dev -- migration:numbers
//   npm run dev -- migration:numbers cluster     those that are tasks of a cluster, beside the ones they were made of
//   npm run dev -- migration:numbers --write     puts the table into docs/job-service.md
//
// Prints a table in markdown and the same as a line of JSON. Everything goes over loopback, and it takes a minute or two: in
// every round each version is started anew and given jobs for a time, with a fast upstream and always so many at a time. Those
// whose workers are processes of their own get one of them, and a PostgreSQL; without one they are left out.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { Agent, createServer, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { createDatabase, Server as Database, startPostgres } from "../../../packages/tools/servers/servers.ts"
import { knownBugs } from "./knownBugs.ts"

/** A version in one of the ways to run it. */
interface Version {
  readonly name: string
  /** Its folder, behind those that it has in common with others. */
  readonly folders: ReadonlyArray<string>
  /** Whether its worker is a process of its own. */
  readonly processes?: true
  /** What its figures are ratios to. */
  readonly base: string
}

const onCluster = (name: "compat" | "core"): ReadonlyArray<Version> => {
  const folders = ["cluster", `cluster/${name}`]
  return [
    { name, folders: [name], base: name },
    { name: `${name}, in one process`, folders, base: name },
    { name: `${name}, in two processes`, folders, base: name, processes: true }
  ]
}

const tables: Readonly<Record<string, ReadonlyArray<Version>>> = {
  migration: ["promises", "compat", "core"].map((name) => ({ name, folders: [name], base: "promises" })),
  cluster: [...onCluster("compat"), ...onCluster("core")]
}

const marker = process.argv.includes("cluster") ? "cluster" : "migration"
const postgres = marker === "cluster" ? await startPostgres({ install: true }) : undefined
if (typeof postgres === "string") console.error(postgres)
const versions = tables[marker]!.filter(({ processes }) => processes !== true || postgres instanceof Database)

const rounds = 5
const concurrency = 32
/** A measurement ends after so many jobs or so many milliseconds, whichever comes first. */
interface Limit {
  readonly jobs: number
  readonly ms: number
}

const limits = { warmUp: { jobs: 500, ms: 3000 }, measured: { jobs: 3000, ms: 1500 } }

/** Lines of code, without blank ones and comments. */
const codeOf = (folders: ReadonlyArray<string>): ReadonlyArray<string> => {
  const files = folders.flatMap((folder) => globSync(`${folder}/*.ts`, { cwd: import.meta.dirname }))
  const text = files.map((file) => readFileSync(`${import.meta.dirname}/${file}`, "utf8")).join("\n")
  const code = text.replace(/^\s*\/\*[^]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "")
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
}

const linesOf = (folders: ReadonlyArray<string>) => codeOf(folders).length

/** How many lines of a version are lines of the one it was made of, wherever they stand. */
const linesKept = ({ base, folders }: Version) => {
  const before = [...codeOf([base])]
  return codeOf(folders).filter((line) => {
    const at = before.indexOf(line)
    if (at >= 0) before.splice(at, 1)
    return at >= 0
  }).length
}

const listen = async (server: Server) => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers every message with the processor time that the process has used. */
const reportUsage = `process.on("message", () => process.send(process.cpuUsage())); process.channel.unref()`

/** Starts a program of a version; gives it with the first event that it tells of. */
const launch = async (folder: string, name: string, database: string | undefined) => {
  const program = fileURLToPath(new URL(`${folder}/${name}.ts`, import.meta.url))
  const env = { ...process.env, PORT: "0", WORKERS: "64", PER_HOST: "64", QUEUE_LIMIT: "1000", DATABASE_URL: database }
  const preload = `data:text/javascript,${encodeURIComponent(reportUsage)}`
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--import", preload, program], {
    env,
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  const lines = createInterface({ input: child.stdout! })
  const failed = once(child, "exit").then((): never => {
    throw new Error(`${program} did not start`)
  })
  // The engine of a worker says where it listens, in words.
  const event = new Promise<string>((resolve) => lines.on("line", (line) => line.startsWith("{") && resolve(line)))
  const line = await Promise.race([event, failed])
  failed.catch(() => {})
  return { child, event: JSON.parse(line) as { readonly port: number } }
}

let databases = 0

const start = async ({ folders, processes }: Version) => {
  const folder = folders.at(-1)!
  const database =
    processes === true && postgres instanceof Database ? createDatabase(postgres, `jobs_${++databases}`) : undefined
  const workers = database === undefined ? [] : [await launch(folder, "work", database)]
  const { child, event } = await launch(folder, "main", database)
  return { children: [child, ...workers.map(({ child }) => child)], port: event.port }
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

/** Processor time in microseconds, of all threads. That of a database is not in it. */
const usage = async (children: ReadonlyArray<ChildProcess>) => {
  let all = 0
  for (const child of children) {
    child.send("usage")
    const [{ system, user }] = (await once(child, "message")) as [NodeJS.CpuUsage]
    all += system + user
  }
  return all
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
  const { children, port } = await start(version)
  try {
    await drive(port, url, limits.warmUp)
    const before = await usage(children)
    const { done, perSecond } = await drive(port, url, limits.measured)
    return { jobsPerSecond: perSecond, microsPerJob: ((await usage(children)) - before) / done }
  } finally {
    for (const child of children) child.kill("SIGKILL")
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
const measured: Readonly<Record<string, Array<Figures>>> = Object.fromEntries(versions.map(({ name }) => [name, []]))
for (let round = 0; round < rounds; round++) {
  // Another one first in every round, so that none always profits from what the machine does meanwhile.
  for (let n = 0; n < versions.length; n++) {
    const version = versions[(round + n) % versions.length]!
    measured[version.name]!.push(await measure(version, url))
  }
}
upstream.close()
upstream.closeAllConnections()
if (postgres instanceof Database) await postgres.stop()

const bugs = Object.values(knownBugs)
const figure = ({ name }: Version, of: keyof Figures) => measured[name]!.map((round) => round[of])
const ratio = (version: Version, of: keyof Figures) =>
  figure(version, of).map((value, round) => value / measured[version.base]![round]![of])

/** What a table says of a version beside its figures. */
const columns: Readonly<Record<string, Readonly<Record<string, (version: Version) => number>>>> = {
  migration: {
    bugs: ({ name }) => (name === "promises" ? new Set(bugs.map(({ cause }) => cause)).size : 0),
    "tests that show them": ({ name }) => (name === "promises" ? bugs.length : 0)
  },
  cluster: { "of which were there before": linesKept }
}

const results = versions.map((version) => ({
  version: version.name,
  lines: linesOf(version.folders),
  ...Object.fromEntries(Object.entries(columns[marker]!).map(([title, of]) => [title, of(version)])),
  jobsPerSecond: spread(figure(version, "jobsPerSecond"), 0),
  jobsPerSecondRatio: spread(ratio(version, "jobsPerSecond"), 2),
  microsPerJob: spread(figure(version, "microsPerJob"), 0),
  microsPerJobRatio: spread(ratio(version, "microsPerJob"), 2)
}))

const cell = (value: Spread | number | string) =>
  typeof value === "object" ? `${value.median} (${value.min} to ${value.max})` : value
const titles = [
  "lines of code",
  ...Object.keys(columns[marker]!),
  "jobs per second",
  "ratio",
  "CPU µs per job",
  "ratio"
]
const table = [
  ["version", ...titles],
  ["---", ...titles.map(() => "---:")],
  ...results.map((result) => Object.values(result).map(cell))
]
const bases = marker === "cluster" ? "the version before" : "promises"
const text = `${table.map((row) => `| ${row.join(" | ")} |`).join("\n")}

Medians of ${rounds} rounds, with the lowest and the highest; ratios are to ${bases} in the same round. ${linesOf(["shared"])} more
lines are shared by all.
`
console.log(text)
if (process.argv.includes("--write")) {
  const guide = fileURLToPath(new URL("../../job-service.md", import.meta.url))
  const between = new RegExp(`(<!-- ${marker} -->\\n)[^]*?(<!-- /${marker} -->)`)
  writeFileSync(
    guide,
    readFileSync(guide, "utf8").replace(between, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`)
  )
}
console.log(JSON.stringify({ node: process.version, rounds, concurrency, sharedLines: linesOf(["shared"]), results }))
