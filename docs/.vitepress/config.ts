import { copyFileSync, existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type DefaultTheme, defineConfig, type HeadConfig } from "vitepress"
import { address } from "../../packages/tools/address.ts"
import { codeGroups } from "./markdown/codeGroups.ts"
import { chaptersOf, writeLlms } from "./llms.ts"
import { indents } from "./markdown/indents.ts"
import { linksToTypes } from "./markdown/types.ts"
import { linksToSources } from "./markdown/links.ts"
import { messageLinks } from "./markdown/messages.ts"
import { buildPlayground, playgroundLinks } from "./markdown/playgroundLinks.ts"
import { drawTimelines, timelines } from "./markdown/timelines.ts"
import { firstParagraph } from "./markdown/summary.ts"
import {
  apiMenus,
  comingFrom,
  concepts,
  guides,
  lookUp,
  moved,
  recipes,
  type Section,
  tutorial,
  version
} from "./menu.ts"
import { renderForSearch, searchOptions } from "./search.ts"
import { redirect } from "./redirects.ts"
import { whenWide } from "./whenWide.ts"

// Where the site lies on its server, such as "/effect-asyncio/".
const base = process.env["DOCS_BASE"] ?? "/"

const srcDir = fileURLToPath(new URL("..", import.meta.url))
const description = "Python's asyncio task layer for TypeScript: tasks that have names, that you can list and cancel"

drawTimelines()
buildPlayground()

const sidebarOf = (sections: ReadonlyArray<Section>): Array<DefaultTheme.SidebarItem> =>
  sections.map(({ collapsed, items, text }) => ({
    text,
    items: [...items],
    ...(collapsed === undefined ? {} : { collapsed })
  }))

/** What a link to a page shows elsewhere. */
const card = (title: string, about: string, path: string): Array<HeadConfig> => [
  ["meta", { property: "og:title", content: title }],
  ["meta", { property: "og:description", content: about }],
  ["meta", { property: "og:url", content: address.site + path }],
  ["link", { rel: "canonical", href: address.site + path }]
]

export default defineConfig({
  base,
  title: "effect-asyncio",
  description,
  lang: "en",
  head: [
    ["script", {}, readFileSync(new URL("codeGroups.js", import.meta.url), "utf8")],
    ["link", { rel: "icon", type: "image/svg+xml", href: `${base}logo.svg` }],
    ["meta", { name: "theme-color", content: "#3451b2" }],
    ["meta", { property: "og:type", content: "website" }],
    ["meta", { property: "og:site_name", content: "effect-asyncio" }],
    ["meta", { property: "og:image", content: `${address.site}og.png` }],
    ["meta", { property: "og:image:width", content: "1200" }],
    ["meta", { property: "og:image:height", content: "630" }],
    ["meta", { property: "og:image:alt", content: "effect-asyncio: tasks that have names" }],
    ["meta", { name: "twitter:card", content: "summary_large_image" }]
  ],
  cleanUrls: true,
  // A script in the head of each page has set the colours already: setting them again makes the browser compute all styles twice. This
  // function is sent to the browser as text.
  appearance: {
    onChanged: (isDark, set, mode) => {
      const { document } = globalThis as {
        readonly document?: {
          readonly documentElement: { readonly classList: { readonly contains: (name: string) => boolean } }
        }
      }
      if (document !== undefined && document.documentElement.classList.contains("dark") !== isDark) set(mode)
    }
  },
  // What is the same for all pages, such as the menus of the API, is loaded once and not with each of them.
  metaChunk: true,
  sitemap: { hostname: address.site },
  transformPageData: (page) => {
    const file = `${srcDir}${page.filePath}`
    const about =
      page.description || (existsSync(file) ? firstParagraph(readFileSync(file, "utf8")) : "") || description
    // The edit link goes to the page's source, which is not always below docs.
    const { source } = page.frontmatter as { readonly source?: string }
    return { description: about, filePath: source ?? `docs/${page.filePath}` }
  },
  transformHead: ({ description: about, page, title }) =>
    card(title, about, page.replace(/\.md$/, "").replace(/(^|\/)index$/, "$1")),
  buildEnd: ({ outDir }) => {
    writeLlms(outDir, chaptersOf(guides, srcDir, address.site), description, address.site)
    for (const [from, to] of moved) redirect(outDir, base, from, to)
    copyFileSync(new URL("../../packages/inspect/schema.json", import.meta.url), `${outDir}/inspect.schema.json`)
  },
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (md) => {
      timelines(md)
      codeGroups(md)
      playgroundLinks(md)
      linksToSources(md)
      indents(md)
      linksToTypes(md, base)
      messageLinks(md, base)
    }
  },
  srcExclude: ["**/node_modules/**", ".examples/**", "examples/**", "test/**"],
  // Without this, VitePress looks at every link of a page when it is shown, the hundreds of a menu among them.
  router: { prefetchLinks: false },
  vite: {
    plugins: [whenWide("VPNavBarMenu", "VPNavBarExtra")],
    resolve: {
      alias: [
        {
          find: /^.*\/VPSidebarGroup\.vue$/,
          replacement: fileURLToPath(new URL("theme/SidebarGroup.vue", import.meta.url))
        }
      ]
    },
    // The index of the local search is one chunk.
    build: { chunkSizeWarningLimit: 4000 },
    // A queue prints with the name of its class, and a timeline shows what it prints.
    esbuild: { keepNames: true }
  },
  themeConfig: {
    logo: { src: "/logo.svg", alt: "", width: "24", height: "24" },
    nav: [
      { text: "Getting started", link: "/start" },
      {
        text: "Guides",
        activeMatch: "^/(tutorial|concepts|recipes)/",
        items: [
          { text: "Tutorial", link: tutorial[0]!.link },
          { text: "Concepts", link: concepts[0]!.link },
          { text: "Recipes", link: recipes[0]!.link }
        ]
      },
      { text: "Coming from", items: [...comingFrom] },
      { text: "API", link: "/api/", activeMatch: "/api/" },
      { text: "More", items: [...lookUp] },
      {
        text: version,
        items: [
          { text: "Changelog", link: "/changelog" },
          { text: "Repository", link: address.repository }
        ]
      }
    ],
    sidebar: {
      ...Object.fromEntries(Object.entries(apiMenus).map(([path, sections]) => [path, sidebarOf(sections)])),
      "/": sidebarOf(guides)
    },
    outline: { level: [2, 3] },
    editLink: { pattern: `${address.repository}/edit/main/:path`, text: "Edit this page" },
    footer: {
      message: `effect-asyncio ${version}, MIT licensed`,
      copyright: `<a href="${address.repository}">Repository</a> · <a href="${base}changelog">Changelog</a> · <a href="${base}api/">API</a>`
    },
    search: {
      provider: "local",
      options: {
        miniSearch: { searchOptions },
        _render: renderForSearch
      }
    }
  }
})
