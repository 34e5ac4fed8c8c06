// Parts of the theme that a narrow screen does not show.
import { fileURLToPath } from "node:url"

const theme = fileURLToPath(new URL("../node_modules/vitepress/dist/client/theme-default/components/", import.meta.url))
const prefix = "\0when-wide:"

/**
 * Components of the default theme that begin to work when the screen is wide enough to show them.
 *
 * The menus in the bar at the top are more than half of the components of a page. A phone has them as text, from the server, hides them,
 * and has a button in their place: it need not wait until they would work. They must be parts that never go away while one reads, for
 * Vue cannot take away what it has not begun with.
 */
export const whenWide = (...names: ReadonlyArray<string>) => ({
  name: "when-wide",
  enforce: "pre" as const,
  resolveId: (source: string) => {
    const name = names.find((it) => source === `./${it}.vue`)
    return name === undefined ? undefined : prefix + name
  },
  load: (id: string) => {
    if (!id.startsWith(prefix)) return undefined
    return `
      import { defineAsyncComponent, hydrateOnMediaQuery } from "vue"
      import component from ${JSON.stringify(`${theme}${id.slice(prefix.length)}.vue`)}
      export default defineAsyncComponent({
        loader: async () => component,
        hydrate: hydrateOnMediaQuery("(min-width: 768px)")
      })`
  }
})
