// The page on this package shows what the commands print.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cli, type Program, start, untilWaiting, withFolder } from "./process.ts"

const page = readFileSync(new URL("../../../docs/inspect.md", import.meta.url), "utf8")

/** The commands of the page, each with what it prints. */
const shown = Array.from(page.matchAll(/^```console\n([^]*?)^```/gm), ([, block = ""]) => block)
  .flatMap((block) => block.split(/^\$ npx @effect-asyncio\/inspect /m).slice(1))
  .map((text) => {
    const end = text.indexOf("\n")
    const args = Array.from(text.slice(0, end).matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain!)
    return { args, output: text.slice(end + 1) }
  })

/** Times differ, and the folder of the program. */
const normalized = (text: string, folder: string) =>
  text.replaceAll(folder, "/app").replace(/\b\d+(\.\d+)?(ms|[smh])( \d+[ms])?\b/g, "TIME")

describe("docs/inspect.md", () => {
  let files: ReturnType<typeof withFolder>
  let program: Program
  const folder = fileURLToPath(new URL("./programs/.page", import.meta.url))

  beforeAll(async () => {
    files = withFolder()
    const [, source = ""] = /^```ts\n([^]*?)^```/m.exec(page) ?? []
    const longer = source
      .replace("5 seconds", "5 hours")
      .replace("await asyncio.run", 'console.log("ready")\nawait asyncio.run')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "albums.ts"), longer)
    program = await start(".page/albums.ts", { EFFECT_ASYNCIO_INSPECT_OBSERVE: "1" })
    await untilWaiting(program, 7)
  })

  afterAll(async () => {
    await program.end()
    files.remove()
  })

  it("has programs", () => {
    assert.lengthOf(shown, 4)
  })

  it.each(shown)("shows what $args prints", async ({ args, output }) => {
    const { out } = await cli(...args)

    assert.strictEqual(normalized(out, folder), normalized(output, folder))
  })
})
