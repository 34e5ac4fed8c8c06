/**
 * The dashboard in a page.
 *
 * @since 0.1.0
 */
/// <reference lib="dom" />
import type { Source } from "../dashboard/source.ts"
import { InspectError } from "../errors.ts"
import { portSource } from "./portSource.ts"
import { Served, type ServeToOptions } from "./serveTo.ts"

/**
 * Options of {@link mountDashboard} and {@link openDashboard}: those of {@link serveTo} are for what is told of this page.
 *
 * @category models
 * @since 0.1.0
 */
export interface PanelOptions extends ServeToOptions {
  /** What else is looked at: workers, and pages in other windows, by ports that they have handed over. */
  readonly ports?: ReadonlyArray<MessagePort> | undefined
  /** Whether this page itself is looked at: true by default. */
  readonly page?: boolean | undefined
}

/**
 * A dashboard in a page.
 *
 * @category models
 * @since 0.1.0
 */
export interface Panel {
  /** Takes it away. Nothing is observed for it any more. */
  readonly close: () => void
}

/**
 * Shows the dashboard in an element of this page, which gives it its size: the tasks of this page, and of what is behind `ports`.
 *
 * **Details**
 *
 * It is in a frame of its own, whose styles are none of the page's, and is loaded when it is asked for. A Content-Security-Policy need not
 * allow it anything that is `unsafe`. It draws on the thread of the page: while that computes it stands still. It cancels tasks only with
 * `allowCancel`, and of a worker only if that allows it.
 *
 * **Example** (The tasks of a page, in the page)
 *
 * ```ts
 * import { mountDashboard } from "@effect-asyncio/inspect/browser"
 *
 * const panel = await mountDashboard(document.querySelector("#tasks")!)
 * panel.close()
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const mountDashboard = async (element: HTMLElement, options: PanelOptions = {}): Promise<Panel> => {
  const { mount } = await import("./panel.js")
  const frame = element.ownerDocument.createElement("iframe")
  frame.title = "effect-asyncio"
  // By properties: an attribute would need `unsafe-inline`.
  Object.assign(frame.style, { width: "100%", height: "100%", minHeight: "320px", border: "0", display: "block" })
  element.append(frame)
  const { close, source } = sourceOf(options)
  const unmount = mount(frame.contentDocument!, source)
  return {
    close: () => {
      unmount()
      frame.remove()
      close()
    }
  }
}

/**
 * Shows the dashboard in a window of its own. Browsers let a page open one when a user has pressed something: call it there. It rejects with an
 * {@link InspectError} where the browser does not let it.
 *
 * **Details**
 *
 * The window belongs to this page, draws on its thread, and closes with it.
 *
 * @category running
 * @since 0.1.0
 */
export const openDashboard = async (options: PanelOptions = {}): Promise<Panel> => {
  // First of all: behind an await it would not be because of what was pressed.
  const opened = open("", "", "popup,width=1200,height=780")
  if (opened === null) {
    throw new InspectError("the browser has opened no window: call openDashboard when a button is pressed")
  }
  const { mount } = await import("./panel.js")
  const { close, source } = sourceOf(options)
  const unmount = mount(opened.document, source)
  const end = () => {
    removeEventListener("pagehide", end)
    unmount()
    close()
    opened.close()
  }
  opened.addEventListener("pagehide", end, { once: true })
  addEventListener("pagehide", end)
  return { close: end }
}

/** Where a panel hears of what it shows. */
const sourceOf = ({ page = true, ports = [], ...options }: PanelOptions): Panel & { readonly source: Source } => {
  if (!page) return { source: portSource(ports), close: () => {} }
  const { port1, port2 } = new MessageChannel()
  const served = new Served(options)
  served.to(port1)
  return { source: portSource([port2, ...ports]), close: served.close }
}
