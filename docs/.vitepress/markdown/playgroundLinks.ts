import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { deflateRawSync } from "node:zlib"
import type { MarkdownRenderer } from "vitepress"
import { kindOf } from "../../playground/playable.ts"
import { fragmentOf, type Shared, sharedText } from "../../playground/share.ts"

/** Bundles what runs programs there, see packages/tools/docs/playground.ts. */
export const buildPlayground = (): void => {
  const script = fileURLToPath(new URL("../../../packages/tools/docs/playground.ts", import.meta.url))
  execFileSync(process.execPath, ["--no-warnings", script], { stdio: "inherit" })
}

type Token = ReturnType<MarkdownRenderer["parse"]>[number]

/** The programs of some fences: the first of each kind. */
const programsOf = (fences: ReadonlyArray<Token>): Shared => {
  const found: { core?: string; compat?: string } = {}
  for (const { content, info } of fences) {
    const [lang, ...marks] = info
      .replace(/\[.*\]|\{.*\}/g, "")
      .trim()
      .split(/\s+/)
    const kind = lang === "ts" ? kindOf(content, marks) : undefined
    if (kind !== undefined) found[kind] ??= content
  }
  return found
}

/** Where the playground is: its programs in a fragment, so that the page with the link is all that has to be known. */
export const playgroundLink = (shared: Shared): string => `/playground${fragmentOf(deflateRawSync(sharedText(shared)))}`

/** Puts a link to the playground below each group of programs, and each program alone, that can run there. */
export const playgroundLinks = (md: MarkdownRenderer): void => {
  md.core.ruler.push("playground-links", ({ Token, env, tokens }) => {
    const { isSearch, relativePath = "" } = env as { readonly isSearch?: boolean; readonly relativePath?: string }
    if (isSearch === true || relativePath.startsWith("api/")) return

    const linkTo = (shared: Shared): Array<Token> => {
      const open = new Token("paragraph_open", "p", 1)
      open.attrSet("class", "open-in-playground")
      const link = new Token("link_open", "a", 1)
      link.attrSet("href", playgroundLink(shared))
      const text = new Token("text", "", 0)
      text.content = "Open in the playground"
      const inline = new Token("inline", "", 0)
      inline.children = [link, text, new Token("link_close", "a", -1)]
      return [open, inline, new Token("paragraph_close", "p", -1)]
    }

    let group: Array<Token> | undefined
    const withLinks = tokens.flatMap((token) => {
      if (token.type === "container_code-group_open") group = []
      if (token.type === "fence") group?.push(token)
      const isEnd = token.type === "container_code-group_close"
      if (!isEnd && (token.type !== "fence" || group !== undefined)) return [token]
      const shared = programsOf(isEnd ? (group ?? []) : [token])
      if (isEnd) group = undefined
      return (shared.core ?? shared.compat) === undefined ? [token] : [token, ...linkTo(shared)]
    })
    tokens.splice(0, tokens.length, ...withLinks)
  })
}
