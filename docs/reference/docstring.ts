// A docstring in parts: the first paragraph, and then the sections, each below a line such as **Details** or **Example** (Title).

export interface DocSection {
  readonly heading: string
  readonly text: string
}

export interface Docstring {
  readonly summary: string
  readonly examples: ReadonlyArray<DocSection>
  readonly sections: ReadonlyArray<DocSection>
}

const sectionLine = /^\*\*([^*\n]+)\*\*(?: \((.+)\))?$/

const isExample = ({ heading }: DocSection): boolean => heading.startsWith("Example")

export const docstringOf = (markdown: string): Docstring => {
  const sections: Array<{ heading: string; lines: Array<string> }> = []
  const summary: Array<string> = []
  let fence: string | undefined
  for (const line of markdown.split("\n")) {
    const [ticks] = /^`{3,}/.exec(line) ?? []
    if (ticks !== undefined) fence = fence === undefined ? ticks : ticks === fence ? undefined : fence
    const [, heading, title] = fence === undefined ? (sectionLine.exec(line.trim()) ?? []) : []
    if (heading !== undefined)
      sections.push({ heading: title === undefined ? heading : `${heading}: ${title}`, lines: [] })
    else (sections.at(-1)?.lines ?? summary).push(line)
  }
  const parts = sections.map(({ heading, lines }) => ({ heading, text: lines.join("\n").trim() }))
  return {
    summary: summary.join("\n").trim(),
    examples: parts.filter(isExample),
    sections: parts.filter((part) => !isExample(part))
  }
}
