import type { MarkdownRenderer } from "vitepress"

/** Keeps the indentation of code in a line of text: the templates of the site take several spaces for one. */
export const indents = (md: MarkdownRenderer): void => {
  md.core.ruler.push("indents", ({ tokens }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        if (token.type === "code_inline")
          token.content = token.content.replace(/^ +/, ({ length }) => "\u00a0".repeat(length))
      }
    }
  })
}
