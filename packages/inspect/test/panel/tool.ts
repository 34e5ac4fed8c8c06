// A tool on a site of its own, which looks into the page that it is framed by.
/// <reference lib="dom" />
import { mountDashboard, portFrom } from "@effect-asyncio/inspect/browser"

try {
  const port = await portFrom(parent, "http://shop.example", { timeout: 3000 })
  await mountDashboard(document.body, { page: false, ports: [port] })
} catch (error) {
  document.body.textContent = (error as Error).message
}
