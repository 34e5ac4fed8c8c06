import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { MarkdownRenderer } from "vitepress"

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Runs the programs that have a timeline, see packages/tools/docs/timelines.ts. */
export const drawTimelines = (): void => {
  const options = ["--no-warnings", "--conditions=@effect-asyncio/source"]
  execFileSync(process.execPath, [...options, fileOf("../../../packages/tools/docs/timelines.ts")], {
    stdio: "inherit"
  })
}

const comment = /^<!-- timeline: (.+?) -->\s*$/

/** Puts the player in the place of the comment, with the picture in it that stands there before it is used. */
export const timelines = (md: MarkdownRenderer): void => {
  md.core.ruler.push("timelines", ({ env, tokens }) => {
    const { relativePath = "" } = env as { readonly relativePath?: string }
    let count = 0
    for (const token of tokens) {
      const title = token.type === "html_block" ? comment.exec(token.content)?.[1] : undefined
      if (title === undefined) continue
      const id = `${relativePath.replace(/\.md$/, "").replace(/\W+/g, "-")}-${++count}`
      const svg = fileOf(`../../.timelines/${id}.svg`)
      if (!existsSync(svg)) throw new Error(`there is no picture ${id}: begin anew, so that the programs are run`)
      const name = md.utils.escapeHtml(title)
      token.content = `<Timeline program="${id}" name="${name}"><div v-pre>${readFileSync(svg, "utf8")}</div></Timeline>\n`
    }
  })
}

/** A page without its timelines: what the search finds is the page's text. */
export const withoutTimelines = (markdown: string): string => markdown.replace(/^<!-- timeline: .*$/gm, "")
