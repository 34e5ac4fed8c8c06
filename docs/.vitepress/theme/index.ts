import type { Theme } from "vitepress"
import theme from "vitepress/theme-without-fonts"
import { defineAsyncComponent, h } from "vue"
import "../../../packages/testing/src/timeline/timeline.css"
import "./style.css"
import "./controls.css"
import "./print.css"

// Most pages have no timeline: they do not load what plays one.
const Timeline = defineAsyncComponent(() => import("./Timeline.vue"))
const Playground = defineAsyncComponent(() => import("../../playground/Playground.vue"))

// The home page alone has it.
const Hero = defineAsyncComponent(() => import("./Hero.vue"))

export default {
  extends: theme,
  Layout: () => h(theme.Layout, null, { "home-hero-image": () => h(Hero) }),
  enhanceApp: ({ app }) => void app.component("Timeline", Timeline).component("Playground", Playground)
} satisfies Theme
