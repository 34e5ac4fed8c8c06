import type { Theme } from "vitepress"
import theme from "vitepress/theme"
import "../../timeline/timeline.css"
import "./style.css"
import Timeline from "./Timeline.vue"

export default {
  extends: theme,
  enhanceApp: ({ app }) => void app.component("Timeline", Timeline)
} satisfies Theme
