import type { MarkdownRenderer } from "vitepress"
import { linkedMessages } from "../../../packages/tools/docs/errors.ts"

/** What a reader sees as output may hold an error: below it stands a link to what the page of errors says about it. */
export const messageLinks = (md: MarkdownRenderer, base: string): void => {
  const known = linkedMessages()
  md.core.ruler.push("links-of-messages", (state) => {
    const { isSearch, relativePath = "" } = state.env as { readonly isSearch?: boolean; readonly relativePath?: string }
    if (isSearch === true || relativePath === "errors.md" || relativePath.startsWith("api/")) return
    const { tokens } = state
    let group: Array<string> | undefined
    const out: typeof tokens = []
    const put = (outputs: ReadonlyArray<string>) => {
      const found = known.filter(({ pattern }) => outputs.some((output) => pattern.test(output)))
      if (found.length === 0) return
      const links = found.map(
        ({ anchor, title }) => `<a href="${base}errors#${anchor}">${md.utils.escapeHtml(title)}</a>`
      )
      const token = new state.Token("html_block", "", 0)
      token.content = `<p class="about-messages">About the message: ${links.join(", ")}</p>\n`
      out.push(token)
    }
    for (const token of tokens) {
      out.push(token)
      const isOutput = token.type === "fence" && /^txt\b/.test(token.info)
      if (token.type === "container_code-group_open") group = []
      else if (isOutput && group !== undefined) group.push(token.content)
      else if (isOutput) put([token.content])
      else if (token.type === "container_code-group_close") {
        put(group ?? [])
        group = undefined
      }
    }
    state.tokens = out
  })
}
