import { posix } from "node:path"
import type { MarkdownRenderer } from "vitepress"
import { address } from "../../../packages/tools/address.ts"

/** A file of the repository, as a reader sees it in a browser. */
export const addressOfFile = (path: string): string => `${address.repository}/blob/main/${path}`

/**
 * Where a link of a page leads that goes to a file of the repository and not to a page: to the repository. `undefined` for every
 * other link. `source` is the page's file, from the top of the repository.
 */
export const addressOfLink = (source: string, href: string): string | undefined => {
  const [, path = "", rest = ""] = /^([^#?]*)(.*)$/.exec(href) ?? []
  if (path === "" || path.startsWith("/") || /^[a-z]+:/.test(path)) return undefined
  const file = posix.normalize(posix.join(posix.dirname(source), path))
  const isPage = file.startsWith("docs/") && !/^docs\/(?:examples|test)\//.test(file)
  return isPage ? undefined : addressOfFile(file) + rest
}

/** A link to a file works where the repository is read; on the site it leads there. */
export const linksToSources = (md: MarkdownRenderer): void => {
  md.core.ruler.push("links-to-sources", ({ env, tokens }) => {
    const { frontmatter, relativePath = "" } = env as {
      readonly relativePath?: string
      readonly frontmatter?: { readonly source?: string }
    }
    const page = `docs/${relativePath}`
    const source = frontmatter?.source ?? page
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const href = token.type === "link_open" ? String(token.attrGet("href")) : ""
        // A page whose source is elsewhere links to others as they are on the site.
        const stays = /\.md(?:#|$)/.test(href) && addressOfLink(page, href) === undefined
        const address = stays ? undefined : addressOfLink(source, href)
        if (address !== undefined) token.attrSet("href", address)
      }
    }
  })
}
