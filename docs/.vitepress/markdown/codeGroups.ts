import type { MarkdownRenderer } from "vitepress"

/**
 * What the tabs of a program are called, in their order: the first is what a reader sees who has not chosen. Pages name a program
 * by its package, `[compat]`, `[core]` or `[Python]`, in any order; what else a tab is called stays, behind these.
 */
export const tabs: ReadonlyMap<string, string> = new Map([
  ["compat", "async/await"],
  ["core", "Effect"],
  ["Python", "Python"]
])

const order = [...tabs.keys()]

const labelOf = (info: string): string => /\[(.*)\]/.exec(info)?.[1] ?? ""

const rankOf = (info: string): number => {
  const rank = order.indexOf(labelOf(info))
  return rank < 0 ? order.length : rank
}

/** The name of a tab, in the info of its fence. */
export const withTabName = (info: string): string =>
  info.replace(/\[(.*)\]/, (whole, label: string) => (tabs.has(label) ? `[${tabs.get(label)}]` : whole))

/** Puts the tabs of all code groups into one order, under the names that readers know. */
export const codeGroups = (md: MarkdownRenderer): void => {
  md.core.ruler.push("tabs-of-code-groups", ({ tokens }) => {
    for (let open = 0; open < tokens.length; open++) {
      if (tokens[open]!.type !== "container_code-group_open") continue
      const close = tokens.findIndex(({ type }, n) => n > open && type === "container_code-group_close")
      const inside = tokens.slice(open + 1, close).sort((a, b) => rankOf(a.info) - rankOf(b.info))
      for (const token of inside) token.info = withTabName(token.info)
      tokens.splice(open + 1, inside.length, ...inside)
    }
  })
}
