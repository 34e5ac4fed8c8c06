/** Draws the page. */
import { render } from "preact"
import { App } from "./app.tsx"
import { serverSource } from "./source.ts"

render(<App source={serverSource} icon="/icon.svg" />, document.querySelector("#app")!)
