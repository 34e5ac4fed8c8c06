/** The dashboard as a part of another page: in a frame or a window of its own, so that the styles of neither are those of the other. */
import { render } from "preact"
import type * as Built from "../src/browser/panel.js"
import { App } from "./app.tsx"
import css from "./page.css"
import { Place, viewOf } from "./place.ts"

export const mount: typeof Built.mount = (page, source) => {
  // Not by an element, which a Content-Security-Policy without `unsafe-inline` forbids.
  const styles = new (viewOf(page).CSSStyleSheet)()
  styles.replaceSync(css)
  page.adoptedStyleSheets = [styles]
  page.title = "effect-asyncio"
  page.documentElement.lang = "en"
  const app = page.createElement("div")
  app.id = "app"
  page.body.replaceChildren(app)
  render(
    <Place.Provider value={page}>
      <App source={source} />
    </Place.Provider>,
    app
  )
  return () => render(null, app)
}
