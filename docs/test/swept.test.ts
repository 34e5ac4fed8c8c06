// The programs of the recipes hold wherever they are cancelled.
import { spawn } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { json } from "node:stream/consumers"
import { assert, describe, it } from "vitest"
import type { Swept } from "../../packages/tools/docs/sweepPages.ts"
import { root } from "../../packages/tools/repository.ts"

// Not swept: what asks the host or runs once only, and what is about loops that belong to nobody.
const left = /from-outside|opentelemetry|graceful-shutdown|serverless|results|start-and-stop|testing/

// A permit of the limit comes back a second later, when the program is over.
const reported = /rate-limit/

const programs = globSync("docs/.examples/pages/docs/recipes/*.ts", { cwd: root })
  .filter((path) => !left.test(path) && readFileSync(join(root, path), "utf8").includes("await asyncio.run("))
  .sort()

const sweepAll = (): Promise<ReadonlyArray<Swept>> => {
  const script = join(root, "packages/tools/docs/sweepPages.ts")
  const child = spawn(process.execPath, ["--no-warnings", "--conditions=@effect-asyncio/source", script], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"]
  })
  child.stdin.end(JSON.stringify(programs.map((path) => join(root, path))))
  return json(child.stdout) as Promise<ReadonlyArray<Swept>>
}

describe("programs of the pages, cancelled everywhere", () => {
  it("hold", async () => {
    const swept = await sweepAll()

    const wrong = swept.filter(({ found, path }) => (found !== undefined) !== reported.test(path))
    assert.deepStrictEqual(wrong, [])
    assert.isAbove(swept.filter(({ runs }) => runs > 1).length, 12)
  })
})
