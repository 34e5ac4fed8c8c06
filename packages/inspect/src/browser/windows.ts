/**
 * Another window, or a frame, of the same site or of another one.
 *
 *     client ──ask──▶ the window that is looked at ──a port──▶ client
 *
 * Both sides say which window they mean, and of which origin it has to be: what comes from elsewhere is not answered, and nothing is sent to a
 * window that shows something else meanwhile.
 *
 * @since 0.1.0
 */
/// <reference lib="dom" />
import { InspectError } from "../errors.ts"
import { Served, type ServeToOptions, type ServingTo } from "./serveTo.ts"

const mark = "@effect-asyncio/inspect"
const asks = "looks"
const answers = "is here"
/** A client asks again until the window listens. */
const betweenAsks = 200

const checkOrigin = (origin: string): void => {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return
  throw new InspectError(
    `${JSON.stringify(origin)} is no origin: name the one that is meant, such as "https://tools.example"`,
    2
  )
}

/** What comes from this one window, of this one origin. */
const isFrom = ({ data, origin, source }: MessageEvent<unknown>, other: Window, wanted: string, what: string) =>
  source === other && origin === wanted && (data as Record<string, unknown> | null | undefined)?.[mark] === what

/**
 * Lets this page be looked into from another window, as {@link serveTo} does from a port: one that it has opened, a frame in it, or the one that
 * it is in itself. Call it as soon as there is that window.
 *
 * **Details**
 *
 * `origin` is whose pages in that window may look, such as `"https://tools.example"`; others are not answered. `"*"` is refused.
 *
 * @category running
 * @since 0.1.0
 */
export const serveToWindow = (other: Window, origin: string, options: ServeToOptions = {}): ServingTo => {
  checkOrigin(origin)
  const served = new Served(options)
  const onMessage = (event: MessageEvent<unknown>) => {
    if (!isFrom(event, other, origin, asks)) return
    const { port1, port2 } = new MessageChannel()
    served.to(port1)
    other.postMessage({ [mark]: answers }, origin, [port2])
  }
  addEventListener("message", onMessage)
  return {
    close: () => {
      removeEventListener("message", onMessage)
      served.close()
    }
  }
}

/**
 * The way to look into a page in another window, which has called {@link serveToWindow} with this one: a port for `mountDashboard`.
 *
 * **Details**
 *
 * `origin` is of which site that page has to be. It rejects with an {@link InspectError} after `timeout` milliseconds, 10,000 by default, in which
 * that page has not answered.
 *
 * @category running
 * @since 0.1.0
 */
export const portFrom = (
  other: Window,
  origin: string,
  { timeout = 10_000 }: { readonly timeout?: number | undefined } = {}
): Promise<MessagePort> => {
  checkOrigin(origin)
  return new Promise((resolve, reject) => {
    const asking = setInterval(askFor, betweenAsks, other, origin)
    const end = () => {
      clearInterval(asking)
      clearTimeout(timer)
      removeEventListener("message", onMessage)
    }
    const onMessage = (event: MessageEvent<unknown>) => {
      const [port] = event.ports
      if (port === undefined || !isFrom(event, other, origin, answers)) return
      end()
      resolve(port)
    }
    const timer = setTimeout(() => {
      end()
      reject(
        new InspectError(
          `that window does not let itself be looked into: it has to show a page of ${origin} that calls serveToWindow with ${JSON.stringify(location.origin)}`,
          3
        )
      )
    }, timeout)
    addEventListener("message", onMessage)
    askFor(other, origin)
  })
}

const askFor = (other: Window, origin: string): void => other.postMessage({ [mark]: asks }, origin)
