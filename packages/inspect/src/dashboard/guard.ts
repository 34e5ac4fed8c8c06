/**
 * Which requests the dashboard answers.
 *
 * Any page that a browser has open can send requests to a port of this machine, and can have a name of its own point to it. So each request
 * has to come to an address of ours (`Host`), from our own page (`Origin`, `Sec-Fetch-Site`), and with the cookie, which only a
 * browser has that has opened the address with the token, and which it sends with no other site's requests.
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"

/** An answer instead of what was asked for. */
export interface Refusal {
  readonly status: 401 | 403 | 421
  readonly text: string
}

const cookieMillis = 7 * 24 * 60 * 60 * 1000

export class Guard {
  readonly #token = randomBytes(24).toString("base64url")
  // Not the token itself: that is in the address, which people copy.
  readonly #session = randomBytes(24).toString("base64url")
  readonly #names: ReadonlySet<string>
  #port = 0

  /** @param host What it was told to listen on: also a name that it is reached by. */
  constructor(host: string) {
    this.#names = new Set(["localhost", "127.0.0.1", "[::1]", host.includes(":") ? `[${host}]` : host.toLowerCase()])
  }

  listensOn(port: number): void {
    this.#port = port
  }

  /** What opens the page. */
  get query(): string {
    return `?token=${this.#token}`
  }

  /** The cookie for a request with the token. */
  get cookie(): string {
    return `${this.#cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${cookieMillis / 1000}`
  }

  // Cookies are the same for all ports of a machine: two dashboards have two names.
  get #cookieName(): string {
    return `effect-asyncio-inspect-${this.#port}`
  }

  /** Why a request is not answered, of any kind: it did not come to us, or not from our page. */
  refuses(request: IncomingMessage): Refusal | undefined {
    const { host, origin, "sec-fetch-mode": mode, "sec-fetch-site": site } = request.headers
    if (host === undefined || !this.#isOurs(host, request)) {
      return {
        status: 421,
        text: "This is not the host that was asked for: open the address that the command has printed."
      }
    }
    const isOther = origin !== undefined && origin !== `http://${host}`
    // A browser that follows a link to here opens a page: that sends no cookie, and reads nothing.
    const isForeign = site !== undefined && site !== "same-origin" && site !== "none" && mode !== "navigate"
    if (isOther || isForeign || (request.method !== "GET" && origin === undefined)) {
      return { status: 403, text: "Requests are taken from the dashboard's own page only." }
    }
    return undefined
  }

  /** What is wrong with the token of an address; undefined where it is right. */
  refusesToken(token: string): Refusal | undefined {
    return isEqual(token, this.#token)
      ? undefined
      : {
          status: 401,
          text: "The token of this address is not the dashboard's: it is another one each time that the command is started. Open the address that it has printed last."
        }
  }

  /** Why a request without the token is not answered. */
  refusesCookie({ headers }: IncomingMessage): Refusal | undefined {
    const cookies = (headers.cookie ?? "").split(/; */)
    if (cookies.some((each) => isEqual(each, `${this.#cookieName}=${this.#session}`))) return undefined
    return { status: 401, text: "Open the address that the command has printed, with the token at its end." }
  }

  #isOurs(host: string, { socket }: IncomingMessage): boolean {
    const match = /^(\[[\da-f:.]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(host.toLowerCase())
    if (match === null || Number(match[2] ?? 80) !== this.#port) return false
    const name = match[1]!
    // An address is no name that another site could have point to here.
    const local = (socket.localAddress ?? "").replace(/^::ffff:/, "")
    return this.#names.has(name) || name === (local.includes(":") ? `[${local}]` : local)
  }
}

const isEqual = (given: string, wanted: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
