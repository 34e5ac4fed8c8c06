/** The first paragraph of a page, as plain text: what search engines show of it. Empty where a page begins with something else. */
export const firstParagraph = (markdown: string): string => {
  const text = markdown.replace(/^---\n[^]*?\n---\n/, "")
  const block = text.split(/\n\s*\n/).find((part) => /^[A-Za-z`*["'(]/.test(part.trim()) && !part.startsWith(":::"))
  return (block ?? "")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/<[^>]*>|[`*\\]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim()
}
