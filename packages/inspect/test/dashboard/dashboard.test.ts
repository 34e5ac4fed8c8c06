// The server of the dashboard: who is let in, and what may be asked. The page itself is tried in Chromium, by `npm run dev -- test:dashboard`.
import { request as httpRequest } from "node:http"
import { networkInterfaces } from "node:os"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { command } from "../../src/command.ts"
import { type Dashboard, serveDashboard } from "../../src/dashboard/server.ts"
import { endPretending, greeting, nobody, pretend } from "../impostor.ts"
import { cli, type Program, start, untilWaiting, withFolder } from "../process.ts"

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: string
}

/** As no browser would: with any headers. */
const ask = (
  url: string | URL,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {}
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { body, ...rest } = options
    const request = httpRequest(url, rest, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (part: string) => (text += part))
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: text }))
    })
    request.on("error", reject)
    request.end(body)
  })

let files: ReturnType<typeof withFolder>
let program: Program
let looking: Dashboard
let cancelling: Dashboard
let origin: string
let cookie: string

const serve = (options: object) =>
  serveDashboard({ processes: [], host: "127.0.0.1", port: 0, allowCancel: false, ...options })

const cookieOf = async ({ url }: Dashboard) => String((await ask(url)).headers["set-cookie"]).split(";")[0]!

beforeAll(async () => {
  files = withFolder()
  program = await start("service.ts")
  await untilWaiting(program, 11)
  looking = await serve({})
  cancelling = await serve({ allowCancel: true })
  origin = new URL(looking.url).origin
  cookie = await cookieOf(looking)
})

afterAll(async () => {
  await looking.close()
  await cancelling.close()
  await program.end()
  files.remove()
})

const post = (to: string, question: object, headers: Record<string, string> = {}) =>
  ask(`${to}/api/ask`, {
    method: "POST",
    headers: { origin: to, cookie, "content-type": "application/json", ...headers },
    body: JSON.stringify({ pid: program.pid, question })
  })

describe("the address", () => {
  it("is one of this machine's own, that others do not reach", async () => {
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((each) => each !== undefined && !each.internal && each.family === "IPv4")
    const { port } = new URL(origin)

    const reached = await Promise.all(
      others.map((each) =>
        ask(`http://${each!.address}:${port}/`).then(
          () => true,
          () => false
        )
      )
    )

    assert.strictEqual(new URL(looking.url).hostname, "127.0.0.1")
    assert.notInclude(reached, true)
  })

  it("gives a cookie for its token that no script reads and no other site sends, and opens the page", async () => {
    const { body, headers, status } = await ask(looking.url)
    const page = await ask(origin, { headers: { cookie } })

    assert.strictEqual(status, 200)
    assert.match(
      String(headers["set-cookie"]),
      /^effect-asyncio-inspect-\d+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/
    )
    assert.notInclude(body, new URL(looking.url).searchParams.get("token")!)
    assert.deepStrictEqual([page.status, page.body.includes('src="/page.js"')], [200, true])
  })

  it.each(["", "wrong", "x".repeat(32)])("says of the token %j what is wrong with it", async (token) => {
    const { body, headers, status } = await ask(`${origin}/?token=${token}`)

    assert.deepStrictEqual([status, headers["set-cookie"]], [401, undefined])
    assert.match(body, /another one each time that the command is started. Open the address that it has printed last/)
  })

  it.each(["/", "/page.js", "/api/processes", "/api/live?pid=1"])(
    "lets nobody without the cookie see %s",
    async (path) => {
      const without = await ask(`${origin}${path}`)
      const other = await ask(`${origin}${path}`, { headers: { cookie: `${cookie.split("=")[0]}=${"x".repeat(32)}` } })

      assert.deepStrictEqual([without.status, other.status], [401, 401])
      assert.match(without.body, /Open the address that the command has printed/)
    }
  )
})

describe("the command", () => {
  it("listens on the loopback, and only looks, unless it is told otherwise", async () => {
    let printed = ""
    const shown = new Promise<string>((resolve) => {
      const out = (text: string) => {
        printed += text
        resolve(printed)
      }
      void command(["dashboard", "--no-open"], { out, err: out, colors: false }).then(() => resolve(""))
    })

    const { host, origin: to } = new URL(await shown)
    const own = String((await ask(printed.trim())).headers["set-cookie"]).split(";")[0]!
    const list = await ask(`${to}/api/processes`, { headers: { cookie: own } })
    process.emit("SIGTERM")

    assert.match(host, /^127\.0\.0\.1:\d+$/)
    assert.isFalse((JSON.parse(list.body) as { readonly allowCancel: boolean }).allowCancel)
  })
})

describe("a request", () => {
  it.each(["evil.example", "evil.example:80", "127.0.0.1:1", "127.0.0.1.evil.example", "@"])(
    "to the host %j is not answered",
    async (host) => {
      const headers = { host: host.includes(":") ? host : `${host}:${new URL(origin).port}`, cookie }

      assert.strictEqual((await ask(origin, { headers })).status, 421)
    }
  )

  it("to localhost is answered", async () => {
    const headers = { host: `localhost:${new URL(origin).port}`, cookie }

    assert.strictEqual((await ask(origin, { headers })).status, 200)
  })

  it.each([
    ["another origin", { origin: "http://evil.example" }],
    ["no page", { origin: "null" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["the page of another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    ["another page of the same site", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }]
  ])("from %s is refused, with the cookie and all", async (_, headers) => {
    const { status } = await ask(`${origin}/api/processes`, {
      headers: { cookie, ...(headers as Record<string, string>) }
    })

    assert.strictEqual(status, 403)
  })

  it("that orders something says where it comes from", async () => {
    const { status } = await ask(`${origin}/api/ask`, {
      method: "POST",
      headers: { cookie, "content-type": "application/json" },
      body: JSON.stringify({ pid: program.pid, question: { request: "summary" } })
    })

    assert.strictEqual(status, 403)
  })

  it.each([
    ["/", {}],
    ["/page.js", {}],
    ["/nothing", {}],
    ["/api/processes", {}],
    ["/?token=wrong", {}],
    ["/", { cookie: "" }],
    ["/", { host: "evil.example" }],
    ["/", { origin: "http://evil.example" }]
  ])("of %s with %j is answered with a policy that lets no other code run", async (path, others) => {
    const { headers } = await ask(`${origin}${path}`, { headers: { cookie, ...(others as Record<string, string>) } })
    const policy = String(headers["content-security-policy"])

    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    assert.notInclude(policy, "unsafe")
    assert.strictEqual(headers["x-content-type-options"], "nosniff")
  })

  it("finds no other file", async () => {
    const { status } = await ask(`${origin}/../package.json`, { headers: { cookie } })

    assert.strictEqual(status, 404)
  })
})

describe("a question", () => {
  it("is answered by the process", async () => {
    const { body } = await post(origin, { request: "summary" })

    assert.deepStrictEqual(Object.keys((JSON.parse(body) as { answer: object }).answer), ["loops", "tasks"])
  })

  it.each(["cancel", "observe", "dump", "live", "toString", undefined])(
    "%s is none that a page may ask that only looks",
    async (request) => {
      const { body, status } = await post(origin, { request, select: { labels: {} } })

      assert.include([400, 403], status)
      assert.match(body, /--allow-cancel|no such request/)
    }
  )

  it("that orders cancels where it may", async () => {
    const to = new URL(cancelling.url).origin
    const cookie = await cookieOf(cancelling)
    const live = JSON.parse((await post(to, { request: "task", task: 2 }, { cookie })).body) as {
      answer: { task: { name: string } }
    }

    const { body, status } = await post(to, { request: "cancel", select: { tasks: [2] }, reason: "enough" }, { cookie })

    assert.strictEqual(live.answer.task.name, "sleeper")
    assert.strictEqual(status, 200, body)
    assert.include((await cli("where", String(program.pid), "stubborn")).out, "pending")
  })

  it("for what nothing can wake is answered by tasks, and only from the page", async () => {
    const headers = { origin, cookie, "content-type": "application/json" }
    const body = JSON.stringify({ pid: program.pid })
    const { answer } = JSON.parse((await ask(`${origin}/api/leaks`, { method: "POST", headers, body })).body) as {
      answer: { tasks: ReadonlyArray<number>; stall: number }
    }
    const { status } = await ask(`${origin}/api/leaks`, { method: "POST", headers: { cookie }, body })

    assert.deepStrictEqual([answer.tasks, status], [[], 403])
    assert.isAbove(answer.stall, 0)
  })

  it("that is too long, or no JSON, disturbs nobody", async () => {
    const headers = { origin, cookie, "content-type": "application/json" }
    const long = await ask(`${origin}/api/ask`, { method: "POST", headers, body: "x".repeat(200_000) })
    const nonsense = await ask(`${origin}/api/ask`, { method: "POST", headers, body: "{" })
    const form = await ask(`${origin}/api/ask`, { method: "POST", headers: { origin, cookie }, body: "pid=1" })

    assert.deepStrictEqual([long.status, nonsense.status, form.status], [413, 400, 415])
  })

  it("about a process that is not there says so", async () => {
    const { body } = await ask(`${origin}/api/ask`, {
      method: "POST",
      headers: { origin, cookie, "content-type": "application/json" },
      body: JSON.stringify({ pid: 2 ** 30, question: { request: "summary" } })
    })

    assert.match(body, /there is no process 1073741824/)
  })
})

describe("what a process tells", () => {
  afterAll(() => endPretending())

  it("is passed on as it comes, line by line, for the page to look at", async () => {
    await pretend(
      files.folder,
      nobody,
      greeting(),
      () => '{"id":1,"piece":{"loops":"none",\r"event":"\\r\\n"}}\n{"id":1,"error":"enough"}\n'
    )

    const { body } = await ask(`${origin}/api/live?pid=${nobody}`, { headers: { cookie } })

    assert.strictEqual(
      body,
      `event: piece\ndata: {"loops":"none","event":"\\r\\n"}\n\nevent: problem\ndata: "process ${nobody}: enough"\n\n`
    )
  })

  it("is over where it is nothing that ours tell", async () => {
    await pretend(files.folder, nobody - 1, greeting({ pid: nobody - 1 }), () => '{"id":2,"piece":{}}\n')

    const { body } = await ask(`${origin}/api/live?pid=${nobody - 1}`, { headers: { cookie } })

    assert.match(body, /^event: problem\ndata: "what listens for process \d+ is no process of @effect-asyncio/)
  })
})

describe("a dashboard for some processes", () => {
  it("shows no others", async () => {
    const other = await serve({ processes: ["nobody"] })
    const to = new URL(other.url).origin
    const cookie = await cookieOf(other)

    const list = await ask(`${to}/api/processes`, { headers: { cookie } })
    const { body } = await post(to, { request: "summary" }, { cookie })
    await other.close()

    assert.deepStrictEqual(JSON.parse(list.body), { processes: [], allowCancel: false })
    assert.match(body, /this dashboard is not for that process/)
  })

  it("says that one is not there, before it serves anything", async () => {
    const { code, err } = await cli("dashboard", "nobody", "--no-open")

    assert.strictEqual(code, 1)
    assert.match(err, /^no process is called nobody/)
  })

  it.each([
    [["--port", "100000"], 2, /give it a number from 0 to 65535/],
    [["--host", "192.0.2.1"], 1, /cannot listen on 192.0.2.1, port 0: E/]
  ] as const)("refuses %j", async (args, code, message) => {
    const printed = await cli("dashboard", ...args)

    assert.strictEqual(printed.code, code)
    assert.match(printed.err, message)
  })

  it("says that a port is taken", async () => {
    const { port } = new URL(origin)
    const { code, err } = await cli("dashboard", "--port", port)

    assert.strictEqual(code, 1)
    assert.match(err, new RegExp(`^port ${port} is taken`))
  })
})
