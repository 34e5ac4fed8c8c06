/**
 * A server that is none.
 */
import { beginIo, type FakeIoOptions, type Latency } from "./fakeIo.ts"

/**
 * What a route answers: a `Response`, or what becomes the JSON of one.
 *
 * @category models
 * @since 0.1.0
 */
export type Route = (request: Request) => unknown

/**
 * Options of {@link fakeFetch}.
 *
 * @category models
 * @since 0.1.0
 */
export interface FakeFetchOptions extends Omit<FakeIoOptions, "name"> {
  /** How long an answer takes, 10 milliseconds by default. */
  readonly latency?: Latency | undefined
}

/**
 * Makes a `fetch` that answers from routes: `"GET /users"`, or `"/users"` for every method. What is in no route is a 404.
 *
 * **Details**
 *
 * An answer takes virtual time. In an exploration it may take any of the latencies that are given, fail as the network does with `fails`, and
 * never come with `hangs`. It replaces nothing: give it to the code under test, or put it in place of `globalThis.fetch` yourself.
 *
 * **Cancellation**
 *
 * As of the host's: an aborted `signal` rejects with its reason, and the route is not asked.
 *
 * **asyncio**
 *
 * Beyond asyncio, where a test has [`unittest.mock.AsyncMock`](https://docs.python.org/3/library/unittest.mock.html#unittest.mock.AsyncMock),
 * which takes no time.
 *
 * **Example** (Two requests)
 *
 * ```ts import.meta.vitest
 * import { fakeFetch, task } from "@effect-asyncio/testing"
 *
 * const fetch = fakeFetch({ "GET /users/7": () => ({ name: "Ada" }) }, { latency: "1 second" })
 * const seen: Array<unknown> = []
 * await task(async () => {
 *   seen.push(await (await fetch("http://api/users/7")).json())
 *   seen.push((await fetch("http://api/users/8")).status)
 * })()
 *
 * seen // => [{ name: "Ada" }, 404]
 * ```
 *
 * @category stubs
 * @since 0.1.0
 */
export const fakeFetch =
  (
    routes: Readonly<Record<string, Route>>,
    { latency = 10, ...options }: FakeFetchOptions = {}
  ): typeof globalThis.fetch =>
  (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      const request = new Request(input, init)
      const { method, signal, url } = request
      const path = new URL(url).pathname
      // Not the request's own signal: that follows it an iteration later.
      const given = init?.signal ?? signal
      if (given.aborted) return reject(given.reason)
      const abort = (): void => {
        takeBack()
        reject(given.reason)
      }
      given.addEventListener("abort", abort, { once: true })
      const takeBack = beginIo(`${method} ${path}`, latency, options, (ending) => {
        given.removeEventListener("abort", abort)
        if (ending.kind === "fails") return reject(ending.error)
        const route = routes[`${method} ${path}`] ?? routes[path]
        try {
          const answer = route === undefined ? new Response(undefined, { status: 404 }) : route(request)
          resolve(answer instanceof Response ? answer : Response.json(answer))
        } catch (error) {
          reject(error)
        }
      })
    })
