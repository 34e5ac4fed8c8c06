/**
 * Runs the official conformance suite against our server, and compares what it says with the page of the documentation.
 *
 *   npm run dev -- mcp:conformance          fails where a scenario does, and where the page is not what came out
 *   npm run dev -- mcp:conformance --save   writes the page
 */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const REVISIONS = ["2026-07-28", "2025-11-25"] as const
type Revision = (typeof REVISIONS)[number]
const page = new URL("../../../docs/mcp-conformance.md", import.meta.url)
const suite = createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")
const { version } = JSON.parse(readFileSync(suite, "utf8")) as { readonly version: string }

interface Check {
  readonly id: string
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO"
  readonly errorMessage?: string
}

interface Scenario {
  readonly name: string
  readonly checks: ReadonlyArray<Check>
}

/** What the suite says of the server at an address, as one of a revision. */
const runSuite = (url: string, revision: Revision): ReadonlyArray<Scenario> => {
  const out = mkdtempSync(join(tmpdir(), "mcp-conformance-"))
  try {
    const args = [join(dirname(suite), "dist/index.js"), "server", "--url", url, "--requirements", revision, "-o", out]
    try {
      execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], timeout: 120_000 })
    } catch (error) {
      // It ends with 1 where a check fails, which the files say better.
      if ((error as { readonly status?: number }).status !== 1) throw error
    }
    return globSync("*/checks.json", { cwd: out })
      .map((path) => ({
        // server-NAME-DATE
        name: /^server-(.+?)-\d{4}-\d{2}-\d{2}T/.exec(path)?.[1] ?? path,
        checks: JSON.parse(readFileSync(join(out, path), "utf8")) as ReadonlyArray<Check>
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  } finally {
    rmSync(out, { recursive: true })
  }
}

const withServer = async <A>(use: (url: string) => A): Promise<A> => {
  const args = ["--conditions=@effect-asyncio/source", "--no-warnings", join(import.meta.dirname, "server.ts")]
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  try {
    const [line] = (await once(server.stdout.setEncoding("utf8"), "data")) as [string]
    return use(line.trim())
  } finally {
    server.kill()
  }
}

const count = (checks: ReadonlyArray<Check>, status: Check["status"]): number =>
  checks.filter((check) => check.status === status).length

const row = ({ checks, name }: Scenario): string => {
  const failed = count(checks, "FAILURE") + count(checks, "WARNING")
  const passed = count(checks, "SUCCESS")
  return `| \`${name}\` | ${passed} | ${failed === 0 ? "" : failed} | ${passed + failed === 0 ? "skipped by the suite" : ""} |`
}

const table = (scenarios: ReadonlyArray<Scenario>): string =>
  ["| scenario | passed | failed | |", "| --- | --: | --: | --- |", ...scenarios.map(row)].join("\n")

const render = ({
  "2025-11-25": before,
  "2026-07-28": now
}: Readonly<Record<Revision, ReadonlyArray<Scenario>>>): string => {
  const ofTasks = now.filter(({ name }) => name.startsWith("tasks-"))
  const others = now.filter(({ name }) => !name.startsWith("tasks-"))
  return `# MCP conformance

What \`@modelcontextprotocol/conformance\` ${version}, the official suite, says of a server with [\`toolTasks\`](./mcp.md): all that it has for servers
of the revisions ${REVISIONS.join(" and ")}. Written by \`npm run dev -- mcp:conformance --save\`; continuous integration runs the same, and fails where a line differs.

## The Tasks extension

\`io.modelcontextprotocol/tasks\`, SEP-2663. The suite skips its scenario for status notifications until it can listen to them; [\`taskNotifications\`](./mcp.md#news-of-a-task) sends these.

${table(ofTasks)}

## The rest of 2026-07-28

What the SDK does, with each tool call as a task.

${table(others)}

## 2025-11-25

The same server for clients of the revision before, which have sessions.

${table(before)}
`
}

const results = await withServer((url) => ({
  "2026-07-28": runSuite(url, "2026-07-28"),
  "2025-11-25": runSuite(url, "2025-11-25")
}))
const scenarios = Object.values(results).flat()
const problems = scenarios.flatMap(({ checks, name }) =>
  checks
    .filter(({ status }) => status === "FAILURE" || status === "WARNING")
    .map(({ errorMessage, id, status }) => `${name}: ${status} ${id}: ${errorMessage ?? ""}`)
)
for (const problem of problems) console.log(problem)
const checks = scenarios.flatMap((scenario) => scenario.checks)
console.log(`${scenarios.length} scenarios, ${count(checks, "SUCCESS")} checks passed, ${problems.length} failed`)

/** The page is formatted behind us: only its words count. */
const words = (text: string): string => text.replaceAll(/[-:\s|]+/g, " ")

if (process.argv.includes("--save")) writeFileSync(page, render(results))
else if (words(readFileSync(page, "utf8")) !== words(render(results))) {
  problems.push("page")
  console.log("docs/mcp-conformance.md says something else: npm run dev -- mcp:conformance --save")
}
process.exitCode = problems.length === 0 ? 0 : 1
