import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { Effect } from "effect"
import { drawReadme, moduleOf, readmePicture, timelinesOf } from "../../../packages/tools/docs/timelines.ts"
import { record } from "../../../packages/testing/src/timeline/record.ts"
import { svg } from "../../../packages/testing/src/timeline/svg.ts"
import { cancelling, running } from "./support.ts"

const fileOf = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), "utf8")

const colorsOf = (css: string) =>
  new Map(Array.from(css.matchAll(/--tl-([\w-]+): (#\w{6})/g), ([, name, color]) => [name, color] as const))

/** The relative luminance of WCAG. */
const luminance = (color: string | undefined) => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(color!.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe("a picture as SVG", () => {
  it("has a title, and every step as its description", async () => {
    const picture = svg(await record(cancelling), { id: "p", title: "A title" })

    assert.match(picture, /^<svg [^>]*role="img" aria-labelledby="p-title p-desc"><title id="p-title">A title<\/title>/)
    assert.include(picture, "1 s: Task-1 goes on; asks worker to cancel itself: enough; waits for worker")
  })

  it("escapes whatever a program says", async () => {
    const main = running((asyncio) => asyncio.createTask(Effect.fail('</svg>&"'), { name: "<script>" }))

    const picture = svg(await record(main), { id: "p", title: "<b>" })

    assert.notMatch(picture, /<script|<b>/)
    assert.strictEqual(picture.indexOf("</svg>"), picture.length - "</svg>".length)
    assert.include(picture, "failed: &lt;/svg&gt;&amp;&quot;")
  })

  it("brings its colours along when it stands alone, for light and for dark", async () => {
    const css = fileOf("packages/testing/src/timeline/timeline.css")
    const picture = svg(await record(cancelling), { id: "p", title: "A title", css })

    assert.match(picture, /<style>\.timeline \{ --tl-paper: .*@media \(prefers-color-scheme: dark\) \{ \.timeline \{/)
    assert.notInclude(picture, ".dark")
  })

  it("uses no colour that the style sheet does not have", () => {
    const css = fileOf("packages/testing/src/timeline/timeline.css")
    const used = new Set(Array.from(css.matchAll(/var\((--tl-\w+(?:-\w+)*)\)/g), ([, name]) => name))
    const [light = "", dark = ""] = css.split(".dark .timeline")

    for (const name of used) assert.isTrue(light.includes(`${name}:`) && dark.includes(`${name}:`), name)
  })

  it("can be read in light and in dark", () => {
    const css = fileOf("packages/testing/src/timeline/timeline.css")
    const modes = css.split(".dark .timeline").map((part) => colorsOf(part.slice(0, part.indexOf("}"))))

    for (const [n, colors] of modes.entries()) {
      const contrast = (a: string, b: string) => {
        const [light = 0, dark = 0] = [colors.get(a)!, colors.get(b)!].map(luminance).sort((x, y) => y - x)
        return (light + 0.05) / (dark + 0.05)
      }
      const grounds = ["paper", "instant"]
      const text = ["sleep", "tasks", "object", "other", ...grounds].map((ground) => ["text", ground] as const)
      const red = grounds.map((ground) => ["cancel", ground] as const)
      const signs = ["run", "line", "caught"].flatMap((sign) => grounds.map((ground) => [sign, ground] as const))
      for (const [a, b] of [...text, ...red]) assert.isAtLeast(contrast(a, b), 4.5, `${n}: ${a} on ${b}`)
      for (const [a, b] of [...signs, ["on-run", "run"] as const])
        assert.isAtLeast(contrast(a, b), 3, `${n}: ${a} on ${b}`)
    }
  })

  it("is in the README as the program of today draws it", async () => {
    const picture = fileOf(readmePicture.path)

    assert.strictEqual(picture, await drawReadme(), "npm run dev -- docs:picture draws it anew")
    assert.include(fileOf("README.md"), `](${readmePicture.path})`)
  })
})

const page = (...parts: ReadonlyArray<string>) => parts.join("\n")
const program = page(
  "```ts [core]",
  'import * as asyncio from "@effect-asyncio/core"',
  "await asyncio.run(main)",
  "```"
)

describe("a timeline on a page", () => {
  it("shows the last program on core above it", () => {
    const other = page("```ts [compat]", 'import * as asyncio from "@effect-asyncio/compat"', "```")

    const [first, second] = timelinesOf(
      "docs/a/page.md",
      page(program, other, "<!-- timeline: One -->", program, "", "<!-- timeline: Two -->", program)
    )

    assert.deepStrictEqual([first?.id, first?.title, first?.program.line], ["a-page-1", "One", 1])
    assert.deepStrictEqual([second?.id, second?.title, second?.program.line], ["a-page-2", "Two", 9])
  })

  it("is refused without a title, or without a program that can run on virtual time", () => {
    const realTime = program.replace("ts [core]", "ts real-time [core]")

    assert.throws(
      () => timelinesOf("p.md", page(program, "<!-- timeline -->")),
      "p.md:5: write <!-- timeline: TITLE -->"
    )
    assert.throws(
      () => timelinesOf("p.md", page("<!-- timeline: One -->", program)),
      "p.md:1: there is no program on core above the timeline"
    )
    assert.throws(
      () => timelinesOf("p.md", page(realTime, "<!-- timeline: One -->")),
      "p.md:5: a program on real time has no timeline"
    )
  })

  it("makes a function of its program, of the library and the console", () => {
    const code = page(
      'import * as aio from "@effect-asyncio/core"',
      'import { Effect } from "effect"',
      "const main: Effect.Effect<void> = aio.sleep(1)",
      "await aio.run(main)",
      ""
    )

    assert.strictEqual(
      moduleOf(code),
      page(
        'import { Effect } from "effect";',
        "export default async (aio, console) => {",
        "const main = aio.sleep(1);",
        "await aio.run(main);",
        "}",
        ""
      )
    )
    assert.throws(() => moduleOf('import { run } from "@effect-asyncio/core"\nawait run(main)\n'), /imports all of/)
  })
})
