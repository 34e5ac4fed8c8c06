// `npm run dev -- server:load`: what requests as tasks cost beside plain handlers, in one run, interleaved; and whether anything is lost or
// left where 15 % of the clients hang up. `server:load 30` is so many seconds for each framework and kind; `--write` puts the table into
// the docs.
import autocannon from "autocannon"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { cpus } from "node:os"
import { fileURLToPath } from "node:url"

interface Counts {
  readonly micros: number
  readonly begun: number
  readonly answered: number
  readonly cancelled: number
  readonly connections: number
  readonly tasks: number
}

interface Running {
  readonly child: ChildProcess
  readonly port: number
  readonly perRequest: Array<number>
}

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"))
const seconds = Number(words[0] ?? "10")
const rounds = Math.max(3, Math.round(seconds / 2))
const program = fileURLToPath(new URL("server.ts", import.meta.url))

const start = async (framework: string, kind: string): Promise<Running> => {
  const child = fork(program, [framework, kind], { execArgv: ["--no-warnings"] })
  const [{ port }] = (await once(child, "message")) as [{ port: number }]
  return { child, port, perRequest: [] }
}

const ask = async ({ child }: Running): Promise<Counts> => {
  const answer = once(child, "message")
  child.send("counts")
  return ((await answer) as [Counts])[0]
}

/** A client that asks for what takes a while, and hangs up when it is through with its patience. */
const hangUp = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("GET /users/7?slow=1 HTTP/1.1\r\nHost: x\r\n\r\n"))
    socket.on("error", () => {})
    socket.on("close", () => resolve())
    setTimeout(() => socket.destroy(), 10)
  })

/** Loads a server for a while, and gives what went through in that time. */
const load = async (server: Running, duration: number, share: number) => {
  const before = await ask(server)
  const counts = { answered: 0, gone: 0, isOver: false }
  const rude = async () => {
    while (!counts.isOver) {
      if (counts.gone < share * (counts.gone + counts.answered)) {
        counts.gone++
        await hangUp(server.port)
      } else await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const hangingUp = share === 0 ? [] : Array.from({ length: 100 }, rude)
  const result = await new Promise<autocannon.Result>((resolve) => {
    const options = { url: `http://127.0.0.1:${server.port}/users/7`, connections: 20, duration }
    autocannon(options, (_, result) => resolve(result)).on("response", () => counts.answered++)
  })
  counts.isOver = true
  await Promise.all(hangingUp)
  return { result, gone: counts.gone, before, after: await ask(server) }
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const rows: Array<string> = []
const wrong: Array<string> = []
for (const framework of ["Fastify", "Express"]) {
  const plain = await start(framework, "plain")
  const task = await start(framework, "task")
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const server of round % 2 === 0 ? [plain, task] : [task, plain]) {
      const { after, before } = await load(server, 1, 0)
      if (round > 0) server.perRequest.push((after.micros - before.micros) / (after.begun - before.begun))
    }
  }
  const ratios = task.perRequest.map((value, round) => value / (plain.perRequest[round] ?? NaN))
  const figures = [median(plain.perRequest), median(task.perRequest)].map((value) => value.toFixed(1))
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  rows.push(`| ${framework} | ${figures.join(" | ")} | ${median(ratios).toFixed(2)} (${spread}) |`)

  const { after, gone, result } = await load(task, seconds, 0.15)
  // Let what hung up last come through.
  let left = await ask(task)
  for (let n = 0; n < 100 && (left.tasks > 0 || left.connections > 0); n++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    left = await ask(task)
  }
  const percent = Math.round((100 * gone) / (gone + result["2xx"]))
  console.log(
    `${framework}: ${result["2xx"]} answered, ${gone} hung up (${percent} %), ${after.cancelled} cancelled; left: ${left.tasks} tasks, ${left.connections} connections`
  )
  const isLost = result.non2xx > 0 || result.errors > 0 || left.begun !== left.answered + left.cancelled
  if (isLost || left.tasks > 0 || left.connections > 0) wrong.push(`${framework}: ${JSON.stringify({ left, result })}`)
  for (const { child } of [plain, task]) child.send("end")
}

const table = [
  "| framework | plain: CPU µs per request | as a task | ratio, with the lowest and the highest round |",
  "| --------- | ------------------------: | --------: | -------------------------------------------: |",
  ...rows
].join("\n")
console.log(
  `\n${table}\n\nNode.js ${process.versions.node}, ${cpus().length} cores, ${rounds} rounds of a second each, interleaved`
)
if (wrong.length > 0) {
  console.error(wrong.join("\n"))
  process.exitCode = 1
}

if (process.argv.includes("--write")) {
  const page = fileURLToPath(new URL("../../../../docs/servers.md", import.meta.url))
  const text = readFileSync(page, "utf8")
  writeFileSync(page, text.replace(/(<!-- load -->\n)[^]*(\n<!-- \/load -->)/, `$1\n${table}\n$2`))
}
