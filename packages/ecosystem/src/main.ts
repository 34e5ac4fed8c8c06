/**
 * Tries compat against real libraries and servers.
 *
 *   npm run dev -- ecosystem                all of them
 *   npm run dev -- ecosystem pg redis       the files with such a word in their names
 *   npm run dev -- ecosystem --quick        without what has to be compiled, and with fewer repetitions: what CI runs
 *   npm run dev -- ecosystem --save         keeps the results, and makes the tables in the docs of them; with words,
 *                                           in the place of those that these files had
 *
 * ECOSYSTEM_ROUNDS=500 takes another number of repetitions than 2,000, or 200 with `--quick`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { interrupted, run, takeSignals } from "./children.ts"
import { merged, type Results, rowsOf, summary } from "./results.ts"
import { type Server, type Started, type StartOptions, startPostgres, startRedis } from "../../tools/servers/servers.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const home = fileURLToPath(new URL("..", import.meta.url))

const options = process.argv.slice(2).filter((word) => word.startsWith("--"))
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"))
const unknown = options.find((option) => option !== "--quick" && option !== "--save")
if (unknown !== undefined) {
  console.error(`unknown option ${unknown}; known are --quick and --save`)
  process.exit(2)
}
const quick = options.includes("--quick")
const save = options.includes("--save")
const rounds = Number(process.env.ECOSYSTEM_ROUNDS ?? (quick ? 200 : 2000))
if (!Number.isInteger(rounds) || rounds < 20) {
  console.error(`ECOSYSTEM_ROUNDS is a whole number from 20 on, not ${process.env.ECOSYSTEM_ROUNDS}`)
  process.exit(2)
}
if (save && quick) {
  console.error("--save keeps the results of all libraries and all repetitions: without --quick")
  process.exit(2)
}

/** Installs the libraries; the headers of this Node.js are beside it, if it came from npm. */
const install = (): Promise<number> => {
  const headers = dirname(dirname(process.execPath))
  const env: Record<string, string> = existsSync(join(headers, "include/node")) ? { npm_config_nodedir: headers } : {}
  const args = ["install", "--dir", home, "--frozen-lockfile", "--reporter=append-only"]
  if (quick) args.push("--no-optional")
  return run("pnpm", args, { cwd: root, env })
}

const typecheck = (): Promise<number> => run(join(root, "node_modules/.bin/tsc"), ["-p", home], { cwd: root })

const begin = async (name: string, start: (options: StartOptions) => Promise<Started>): Promise<Server | undefined> => {
  const started = await start({ install: true }).catch((error: unknown) => String(error))
  if (typeof started !== "string") return started
  console.error(`\n!! ${name} IS MISSING, and what needs it is skipped: ${started}\n`)
  return undefined
}

/** Runs the tests with the servers that there are, and tells what they found. */
const tryAll = async (): Promise<number> => {
  const [postgres, redis] = await Promise.all([begin("PostgreSQL", startPostgres), begin("Redis", startRedis)])
  const folder = mkdtempSync(join(tmpdir(), "ecosystem-results-"))
  try {
    const report = join(folder, "report.json")
    const env: Record<string, string> = { ECOSYSTEM_ROUNDS: String(rounds), NODE_OPTIONS: "--expose-gc" }
    if (postgres !== undefined) env.ECOSYSTEM_POSTGRES = postgres.url
    if (redis !== undefined) env.ECOSYSTEM_REDIS = redis.url
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
    const args = ["run", "--config", join(home, "vitest.config.ts"), ...reporters, ...words]
    const code = await run(join(root, "node_modules/.bin/vitest"), args, { cwd: root, env })
    // There is no report where the tests did not come to their end.
    if (!existsSync(report) || interrupted() !== undefined) return code
    const rows = rowsOf(readFileSync(report, "utf8"))
    console.log(summary(rows))
    if (!save) return code
    const file = join(home, "results.json")
    const found = { node: process.versions.node, rounds, rows }
    const results = words.length === 0 ? found : merged(JSON.parse(readFileSync(file, "utf8")) as Results, found)
    if (results === undefined) {
      console.error("not saved: those that are kept are of another Node.js, or of another number of repetitions")
      return code || 1
    }
    writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
    return (
      code || (await run(process.execPath, [join(root, "packages/tools/docs/libraries.ts")], { cwd: root, env: {} }))
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await Promise.all([postgres?.stop(), redis?.stop()])
  }
}

takeSignals()
process.exit((await install()) || (await typecheck()) || (await tryAll()))
