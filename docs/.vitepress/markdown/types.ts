import type { MarkdownRenderer } from "vitepress"

/** Makes links of the names in the text of rendered code; `addresses` has where they lead. */
export const withLinks = (html: string, addresses: ReadonlyMap<string, string>): string =>
  html.replaceAll(/<[^>]*>|[^<]+/g, (part) =>
    part.startsWith("<")
      ? part
      : part.replaceAll(/(?<![\w.&])[A-Z]\w+/g, (name) => {
          const address = addresses.get(name)
          return address === undefined ? name : `<a href="${address}">${name}</a>`
        })
  )

/**
 * The types in a signature of the API are links to their pages: the mark `types=Task:core/Task` of a block, which docs/reference/pages.ts
 * writes, says where each leads.
 */
export const linksToTypes = (md: MarkdownRenderer, base: string): void => {
  const { fence } = md.renderer.rules
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]!
    const [mark, types] = / types=(\S+)/.exec(token.info) ?? []
    if (mark !== undefined) token.info = token.info.replace(mark, "")
    const html = fence!(tokens, index, options, env, self)
    if (types === undefined || (env as { readonly isSearch?: boolean }).isSearch === true) return html
    const addresses = types.split(",").map((each) => {
      const [name = "", path] = each.split(":")
      return [name, `${base}api/${path}`] as const
    })
    return withLinks(html, new Map(addresses))
  }
}
