// The programs of the tutorial and of the recipes hold wherever they are cancelled, and whenever their sleeps end.
import { spawn } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { json } from "node:stream/consumers"
import { assert, describe, it } from "vitest"
import type { Swept } from "../../../packages/tools/docs/sweepPages.ts"
import { root } from "../../../packages/tools/repository.ts"

// Not swept: what asks the host or runs once only, and what is about loops that belong to nobody.
const left =
  /tutorial.service|from-outside|opentelemetry|graceful-shutdown|serverless|results|start-and-stop|recipes.testing/

// Reported, and meant to be so: such programs of a page, and why.
const reported: Readonly<Record<string, readonly [programs: number, why: string]>> = {
  "recipes/rate-limit": [2, "a permit of the limit comes back a second later, when the program is over"],
  "tutorial/queues": [2, "a consumer that is cancelled leaves its item undone: here nobody waits for it any more"],
  "tutorial/awaiting": [1, "main takes each error for the task's own, as long as nobody cancels main"],
  "tutorial/cancelling": [1, "main takes each cancellation for the task's own, as long as nobody cancels main"]
}

// In milliseconds: it takes ten seconds where nothing else runs.
const timeout = 300_000

const pages = globSync("docs/.examples/pages/docs/{tutorial,recipes}/*.ts", { cwd: root })

/** The heading in its page that a program stands below. Those below "Wrong" show what a sweep finds. */
const headingOf = (path: string): string => {
  const [, page, line] = /pages[\\/](docs[\\/].*\.md)\.L(\d+)\.ts$/.exec(path)!
  const above = readFileSync(join(root, page!), "utf8").split("\n").slice(0, Number(line))
  return above.findLast((each) => each.startsWith("## ")) ?? ""
}

const programs = pages
  .filter((path) => !left.test(path) && readFileSync(join(root, path), "utf8").includes("await asyncio.run("))
  .filter((path) => !headingOf(path).startsWith("## Wrong"))
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

describe("programs of the pages, swept and explored", () => {
  it("hold", { timeout }, async () => {
    const swept = await sweepAll()

    const found = swept.filter((each) => each.found !== undefined)
    const counts = new Map<string, number>()
    for (const { path } of found) {
      const page = /(tutorial|recipes)[\\/]([\w-]+)\.md/.exec(path)!.slice(1).join("/")
      counts.set(page, (counts.get(page) ?? 0) + 1)
    }
    const expected = new Map(Object.entries(reported).map(([page, [programs]]) => [page, programs]))
    assert.deepStrictEqual(counts, expected, found.map((each) => `${each.path}: ${each.found}`).join("\n"))
    assert.isAbove(swept.filter((each) => each.found === undefined && each.runs > 1).length, 30)
  })
})
