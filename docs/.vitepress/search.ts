// What the search of the site finds first. docs/.vitepress/checkSearch.ts asks the built index what readers ask.
import type { MarkdownEnv } from "vitepress"
import { withoutTimelines } from "./markdown/timelines.ts"

/**
 * How pages weigh. The functions are sent to the browser as text: they know nothing but their arguments.
 *
 * A word of a question that everybody asks is on hundreds of pages of the API. Guides come first, what is looked up by its exact name
 * comes by its title all the same.
 */
export const searchOptions = {
  fuzzy: (term: string) => (term.length > 4 ? 0.2 : false),
  prefix: (term: string) => term.length > 2,
  boost: { title: 6, titles: 2, text: 1 },
  // Words that are in every question and on every page.
  processTerm: (term: string) =>
    /^(?:a|an|and|do|does|for|how|i|in|is|it|my|of|on|the|to|what|when|with)$/i.test(term) ? null : term.toLowerCase(),
  boostDocument: (id: string, term: string) => {
    const page = id.replace(/#.*$/, "")
    const whole = id.includes("#") ? 1 : 1.3
    // A name such as toThread is no word that somebody types for another reason; timeout is.
    const name = /\/api\/.*\/([a-z]+[A-Z]\w*)$/.exec(page)?.[1]
    if (name?.toLowerCase() === term) return whole
    if (/\/api\//.test(page)) return 0.25
    if (/\/(?:design|conformance|differences|changelog|performance\/\w+|with-your-libraries)$/.test(page)) return 0.4
    if (page.endsWith("/errors")) return 0.4
    if (/\/(?:start|tutorial\/[\w-]+|recipes\/[\w-]+)$/.test(page)) return 1.4 * whole
    return whole
  }
}

/** What is needed of the renderer. */
interface Renderer {
  readonly options: { highlight?: ((code: string, lang: string, attrs: string) => string) | null | undefined }
  readonly utils: { readonly escapeHtml: (text: string) => string }
  readonly render: (markdown: string, env: unknown) => string
}

/**
 * A page as the index has it: without timelines and without colours, with the other names that its `keywords` give to what it is about.
 */
export const renderForSearch = (markdown: string, env: MarkdownEnv, md: Renderer): string => {
  const { highlight } = md.options
  md.options.highlight = (code) => md.utils.escapeHtml(code)
  try {
    const html = md.render(withoutTimelines(markdown), Object.assign(env, { isSearch: true }))
    const { keywords = "", search } = (env.frontmatter ?? {}) as {
      readonly keywords?: string
      readonly search?: boolean
    }
    if (search === false) return ""
    // More than once, so that they weigh as much as a heading.
    return html.replace("</h1>", `</h1>\n<p>${`${keywords} `.repeat(4)}</p>`)
  } finally {
    md.options.highlight = highlight
  }
}
