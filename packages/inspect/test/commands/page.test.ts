// The pages on this package show what the commands print.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { dumpOf } from "@effect-asyncio/inspect"
import { cli, type Program, start, untilWaiting, withFolder } from "../process.ts"

/** A page, its first program, and how many tasks wait when that has begun. */
const pages = [
  { page: "inspect.md", file: "albums.ts", tasks: 7, longer: ["5 seconds", "5 hours"], commands: 5 },
  { page: "cluster-inspect.md", file: "books.ts", tasks: 8, longer: ["5 seconds", "5 hours"], commands: 5 },
  { page: "what-leaks.md", file: "answers.ts", tasks: 3, longer: ["100 millis", "5 hours"], commands: 1 }
] as const

const textOf = (page: string) => readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8")

/** The commands of a page, each with what it prints. */
const shownOn = (page: string) =>
  Array.from(textOf(page).matchAll(/^```console\n([^]*?)^```/gm), ([, block = ""]) => block)
    .flatMap((block) => block.split(/^\$ npx @effect-asyncio\/inspect /m).slice(1))
    .map((text) => {
      const end = text.indexOf("\n")
      const args = Array.from(text.slice(0, end).matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain!)
      return { args, output: text.slice(end + 1) }
    })

/** Times differ, and with them the width of columns; and so do the folder of the program, and what a process of a cluster is called. */
const normalized = (text: string, folder: string) =>
  text
    .replaceAll(folder, "/app")
    .replace(/#[\da-f]{8}\b/g, "#INSTANCE")
    .replace(/\b\d+(\.\d+)?(ms|[smh])( \d+[ms])?\b/g, "TIME")
    .replace(/(?<=\S) {2,}/g, "  ")

describe.each(pages)("docs/$page", ({ commands, file, longer, page, tasks }) => {
  let files: ReturnType<typeof withFolder>
  let program: Program
  const folder = fileURLToPath(new URL("../programs/.page", import.meta.url))
  const shown = shownOn(page)

  beforeAll(async () => {
    files = withFolder()
    const [, source = ""] = /^```ts\n([^]*?)^```/m.exec(textOf(page)) ?? []
    const changed = source
      .replace(longer[0], longer[1])
      .replace("await asyncio.run", 'console.log("ready")\nawait asyncio.run')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, file), changed)
    program = await start(`.page/${file}`, { EFFECT_ASYNCIO_INSPECT_OBSERVE: "1" })
    await untilWaiting(program, tasks)
    // Those that end at once have ended.
    while ((await dumpOf(program.pid)).loops.flatMap((loop) => loop.tasks).length !== tasks);
  })

  afterAll(async () => {
    await program.end()
    files.remove()
  })

  it("has programs", () => {
    assert.lengthOf(shown, commands)
  })

  it.each(shown)("shows what $args prints", async ({ args, output }) => {
    const { out } = await cli(...args)

    assert.strictEqual(normalized(out, folder), normalized(output, folder))
  })
})
