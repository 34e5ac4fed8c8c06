import type { Theme } from "vitepress"
import theme from "vitepress/theme"
import { defineAsyncComponent } from "vue"
import "../../timeline/timeline.css"
import "./style.css"
import "./print.css"

// Most pages have no timeline: they do not load what plays one.
const Timeline = defineAsyncComponent(() => import("./Timeline.vue"))
const Playground = defineAsyncComponent(() => import("../../playground/Playground.vue"))

export default {
  extends: theme,
  enhanceApp: ({ app }) => void app.component("Timeline", Timeline).component("Playground", Playground)
} satisfies Theme
