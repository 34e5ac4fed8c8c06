// The job service of docs/coming-from-promises.md, as a client and an upstream see it. Every version has to pass every test,
// but for what examples/job-service/knownBugs.ts says of the version with promises: that has to fail, and as said there.
//
// Nothing here depends on how fast the machine is. What has to happen is waited for, and what must not happen is told by
// something else that happens instead.
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { createDatabase, Server, type Started, startPostgres } from "../../../packages/tools/servers/servers.ts"
import { knownBugs } from "../../examples/job-service/knownBugs.ts"
import { Service, type Settings, type Version } from "./service.ts"
import { Upstream, type UpstreamRequest } from "./upstream.ts"
import { within } from "./within.ts"

/** For the service that tests share: they look at their own jobs only, and some of those never end. */
const sharedSettings: Settings = { WORKERS: 1000, BACKOFF_MS: 1, MAX_BODY: 200 }

/** How long something that has to happen may take, in milliseconds. */
const guard = 20_000

interface Scenario {
  /** A service with these settings; without any, one that other tests use too. */
  readonly start: (settings?: Settings) => Promise<Service>
  readonly upstream: () => Promise<Upstream>
  /** How long to wait for what the test is about: not so long where a known bug keeps it from happening. */
  readonly patience: number
}

/** A job whose time is up while the upstream has its request, however slow the machine is. */
const outOfTime = async (
  service: Service,
  upstream: Scenario["upstream"],
  fields: object = {},
  handle?: (request: UpstreamRequest) => void
) => {
  for (let timeoutMs = 50; ; timeoutMs *= 2) {
    // Another host for every try: a job that came too late may still have its place at the one before.
    const up = await upstream()
    const id = await service.submit({ urls: [up.url("/slow")], timeoutMs, ...fields })
    let request: UpstreamRequest | undefined
    const arrival = up.next("/slow").then((arrived) => {
      handle?.(arrived)
      request = arrived
    })
    await Promise.race([arrival, service.final(id)])
    const job = await service.final(id)
    if (request !== undefined) return { id, job, request, timeoutMs, up }
  }
}

const scenarios: Record<string, (scenario: Scenario) => Promise<void>> = {
  async "gives an id at once and the result later"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const answer = await service.post({ urls: [up.url("/ok/hello")] })

    assert.strictEqual(answer.status, 202)
    const { id } = answer.body as { readonly id: string }
    assert.deepStrictEqual(await service.final(id), { id, state: "done", attempts: 1, result: ["hello"] })
  },

  async "fetches the URLs of a job side by side and keeps their order"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const id = await service.submit({ urls: [up.url("/a"), up.url("/b")] })
    const [a, b] = await Promise.all([up.next("/a"), up.next("/b")])
    b.answer(200, "second")
    a.answer(200, "first")

    assert.deepStrictEqual((await service.final(id)).result, ["first", "second"])
  },

  async "takes an answer that comes in two parts"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const id = await service.submit({ urls: [up.url("/a")] })
    const a = await up.next("/a")
    a.answerPart("one, ")
    assert.strictEqual((await service.get(id, 10)).state, "running")
    a.answerRest("two")

    assert.deepStrictEqual((await service.final(id)).result, ["one, two"])
  },

  async "tries again after a failure"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const id = await service.submit({ urls: [up.url("/a")], retries: 2 })
    for (const status of [503, 500, 200]) (await up.next("/a")).answer(status, "hello")

    assert.deepStrictEqual(await service.final(id), { id, state: "done", attempts: 3, result: ["hello"] })
  },

  async "gives up when the retries are used up"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const id = await service.submit({ urls: [up.url("/status/503")], retries: 2 })

    const error = "upstream answered 503"
    assert.deepStrictEqual(await service.final(id), { id, state: "failed", attempts: 3, error })
    assert.strictEqual(up.paths.length, 3)
  },

  async "pauses twice as long before every further attempt"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ BACKOFF_MS: 20 }), upstream()])

    await service.submit({ urls: [up.url("/a")], retries: 3 })
    const pauses = []
    let answering = 0
    for (let failed = 0; failed < 4; failed++) {
      const request = await up.next("/a")
      if (failed > 0) pauses.push(performance.now() - answering)
      // Before the answer is sent: the pause begins behind it, however late this program goes on.
      answering = performance.now()
      request.answer(503, "")
    }

    // So a pause only looks longer on a slow machine, and a millisecond shorter where two clocks round.
    for (const [n, least] of [20, 40, 80].entries()) assert.isAtLeast(pauses[n]!, least - 2)
  },

  async "does not try again what was refused"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const id = await service.submit({ urls: [up.url("/status/404")], retries: 2 })

    const error = "upstream answered 404"
    assert.deepStrictEqual(await service.final(id), { id, state: "failed", attempts: 1, error })
  },

  async "says why an upstream cannot be reached"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])
    const gone = up.url("/")
    up.stop()

    const id = await service.submit({ urls: [gone] })

    assert.strictEqual((await service.final(id)).error, "upstream failed: ECONNREFUSED")
  },

  async "ends a job whose time is up"({ start, upstream }) {
    const service = await start()

    const { id, job, timeoutMs } = await outOfTime(service, upstream)

    const error = `timed out after ${timeoutMs} ms`
    assert.deepStrictEqual(job, { id, state: "failed", attempts: 1, error })
  },

  async "ends a job whose time is up in the middle of an answer"({ start, upstream }) {
    const service = await start()

    const { job, timeoutMs } = await outOfTime(service, upstream, {}, (request) => request.answerPart("one, "))

    assert.strictEqual(job.error, `timed out after ${timeoutMs} ms`)
  },

  async "hangs up on the upstream when the time is up"({ start, upstream, patience }) {
    const service = await start()

    const { job, request } = await outOfTime(service, upstream)

    assert.strictEqual(job.state, "failed")
    await within(patience, "hanging up on the upstream", request.hungUp)
  },

  async "begins no attempt when the time is up"({ start, upstream }) {
    const service = await start()

    const { job, request, up } = await outOfTime(service, upstream, { retries: 3 })
    assert.strictEqual(job.state, "failed")
    request.answer(503, "")

    const another = up.next("/slow").then(() => "another attempt of a job that is failed")
    assert.strictEqual(await Promise.race([another, request.hungUp.then(() => "hung up")]), "hung up")
  },

  async "gives the place at the host to others when the time is up"({ start, upstream, patience }) {
    const service = await start({ PER_HOST: 1 })

    const { job, up } = await outOfTime(service, upstream)
    assert.strictEqual(job.state, "failed")
    const next = await service.submit({ urls: [up.url("/ok/next")] })

    assert.strictEqual((await service.final(next, patience)).state, "done")
  },

  async "takes a timeout that is longer than the host's timers"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const id = await service.submit({ urls: [up.url("/a")], timeoutMs: 3_000_000_000 })
    const a = await up.next("/a")
    assert.strictEqual((await service.get(id, 20)).state, "running")
    a.answer(200, "late")

    assert.strictEqual((await service.final(id)).state, "done")
  },

  async "stops the other URLs of a job when one fails"({ start, upstream, patience }) {
    const [service, up] = await Promise.all([start(), upstream()])

    const id = await service.submit({ urls: [up.url("/fails"), up.url("/hangs")] })
    const [fails, hangs] = await Promise.all([up.next("/fails"), up.next("/hangs")])
    fails.answer(404, "")
    assert.strictEqual((await service.final(id)).error, "upstream answered 404")

    await within(patience, "hanging up on the upstream", hangs.hungUp)
  },

  async "cancels a queued job"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ WORKERS: 1 }), upstream()])
    const first = await service.submit({ urls: [up.url("/first")] })
    const request = await up.next("/first")
    const id = await service.submit({ urls: [up.url("/ok/never")] })

    assert.strictEqual((await service.delete(id)).status, 202)

    const error = "deleted by client"
    assert.deepStrictEqual(await service.final(id), { id, state: "cancelled", attempts: 0, error })
    const last = await service.submit({ urls: [up.url("/ok/last")] })
    request.answer(200, "")
    assert.strictEqual((await service.final(first)).state, "done")
    assert.strictEqual((await service.final(last)).state, "done")
    assert.deepStrictEqual(up.paths, ["/first", "/ok/last"])
  },

  async "cancels a running job and hangs up on the upstream"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])
    const id = await service.submit({ urls: [up.url("/hangs")], retries: 3 })
    const request = await up.next("/hangs")

    assert.strictEqual((await service.delete(id)).status, 202)

    await within(guard, "hanging up on the upstream", request.hungUp)
    const error = "deleted by client"
    assert.deepStrictEqual(await service.final(id), { id, state: "cancelled", attempts: 1, error })
  },

  async "cancels a job between two attempts"({ start, upstream, patience }) {
    const [service, up] = await Promise.all([start({ BACKOFF_MS: 3_600_000 }), upstream()])
    const id = await service.submit({ urls: [up.url("/status/503")], timeoutMs: 7_200_000, retries: 1 })
    await service.where(id, ({ error }) => error === "upstream answered 503")

    await service.delete(id)

    const job = await service.final(id, patience)
    assert.strictEqual(job.state, "cancelled")
    assert.deepStrictEqual(job, { id, state: "cancelled", attempts: 1, error: "deleted by client" })
  },

  async "cancels a job that waits for its host"({ start, upstream, patience }) {
    const settings = { PER_HOST: 1, WORKERS: 2 }
    const [service, busy, other] = await Promise.all([start(settings), upstream(), upstream()])
    await service.submit({ urls: [busy.url("/hangs")] })
    await busy.next("/hangs")
    const waiting = await service.submit({ urls: [busy.url("/waits")] })
    await service.submit({ urls: [other.url("/next")] })
    await service.healthWhere({ running: 2, queued: 1 })

    await service.delete(waiting)

    await other.next("/next", patience)
    assert.deepStrictEqual(busy.paths, ["/hangs"])
  },

  async "gives the place of a cancelled job in the queue to another"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ WORKERS: 1, QUEUE_LIMIT: 1 }), upstream()])
    await service.submit({ urls: [up.url("/hangs")] })
    await up.next("/hangs")
    const id = await service.submit({ urls: [up.url("/ok/1")] })
    assert.strictEqual((await service.post({ urls: [up.url("/ok/2")] })).status, 429)

    await service.delete(id)
    assert.strictEqual((await service.final(id)).state, "cancelled")

    assert.strictEqual((await service.post({ urls: [up.url("/ok/3")] })).status, 202)
  },

  async "does not cancel what is final"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])
    const id = await service.submit({ urls: [up.url("/ok/hello")] })
    await service.final(id)

    const { status, body } = await service.delete(id)

    assert.deepStrictEqual([status, body], [409, { error: "the job is done" }])
    assert.strictEqual((await service.get(id)).state, "done")
  },

  async "says what it does not know"({ start }) {
    const service = await start()

    const unknown: ReadonlyArray<unknown> = [
      await service.get("nobody"),
      (await service.delete("nobody")).body,
      (await service.request("PUT", "/jobs")).body,
      (await service.request("GET", "/nothing?here")).body
    ]

    assert.deepStrictEqual(unknown, [
      { error: "no such job: nobody" },
      { error: "no such job: nobody" },
      { error: "nothing at PUT /jobs" },
      { error: "nothing at GET /nothing" }
    ])
    assert.strictEqual((await service.delete("nobody")).status, 404)
    assert.strictEqual((await service.request("GET", "//")).status, 404)
  },

  async "refuses bad input"({ start }) {
    const service = await start()
    const urls = ["http://127.0.0.1/"]
    const bad: ReadonlyArray<readonly [body: string, status: number, error: string]> = [
      ["", 400, "the body must be JSON"],
      ["{", 400, "the body must be JSON"],
      ["[]", 400, "a job must be a JSON object"],
      ["null", 400, "a job must be a JSON object"],
      ["{}", 400, "urls must be a list of 1 to 10 URLs"],
      [JSON.stringify({ urls: [] }), 400, "urls must be a list of 1 to 10 URLs"],
      [JSON.stringify({ urls: ["nowhere"] }), 400, 'urls must be http or https URLs, not "nowhere"'],
      [JSON.stringify({ urls: ["file:///x"] }), 400, 'urls must be http or https URLs, not "file:///x"'],
      [JSON.stringify({ urls: [7] }), 400, "urls must be http or https URLs, not 7"],
      [JSON.stringify({ urls, timeoutMs: 0 }), 400, "timeoutMs must be a whole number from 1 on"],
      [JSON.stringify({ urls, timeoutMs: "1" }), 400, "timeoutMs must be a whole number from 1 on"],
      [JSON.stringify({ urls, retries: -1 }), 400, "retries must be a whole number from 0 to 10"],
      [JSON.stringify({ urls, retries: 11 }), 400, "retries must be a whole number from 0 to 10"],
      [JSON.stringify({ urls, retry: 1 }), 400, "unknown field: retry"],
      [
        JSON.stringify({ urls: [`http://127.0.0.1/${"x".repeat(200)}`] }),
        413,
        "the body must not have more than 200 bytes"
      ]
    ]

    for (const [sent, ...expected] of bad) {
      const { status, body } = await service.request("POST", "/jobs", sent)
      assert.deepStrictEqual([status, (body as { readonly error: string }).error], expected, sent)
    }
  },

  async "refuses a body that is too large before all of it has come"({ start }) {
    const service = await start()

    const { status, headers } = await service.request("POST", "/jobs", "x".repeat(300), { unfinished: true })

    assert.deepStrictEqual([status, headers.connection], [413, "close"])
  },

  async "refuses a wait that is no number"({ start, upstream }) {
    const [service, up] = await Promise.all([start(), upstream()])
    const id = await service.submit({ urls: [up.url("/ok/hello")] })

    const { status, body } = await service.request("GET", `/jobs/${id}?wait=long`)

    assert.deepStrictEqual([status, body], [400, { error: "wait must be a number of milliseconds" }])
  },

  async "refuses a job when too many wait"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ WORKERS: 1, QUEUE_LIMIT: 2 }), upstream()])
    await service.submit({ urls: [up.url("/1")] })
    const first = await up.next("/1")
    for (const path of ["/2", "/3"]) await service.submit({ urls: [up.url(path)] })

    const { status, body } = await service.post({ urls: [up.url("/4")] })

    assert.deepStrictEqual([status, body], [429, { error: "too many jobs are waiting" }])
    first.answer(200, "")
    await up.next("/2")
    await service.submit({ urls: [up.url("/5")] })
  },

  async "runs as many jobs as it has workers, in the order they came"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ WORKERS: 2, PER_HOST: 9 }), upstream()])
    for (const path of ["/1", "/2", "/3", "/4"]) await service.submit({ urls: [up.url(path)] })
    const [, two] = await Promise.all([up.next("/1"), up.next("/2")])
    await service.healthWhere({ running: 2, queued: 2 })

    two.answer(200, "")

    const three = await up.next("/3")
    await service.healthWhere({ done: 1, running: 2, queued: 1 })
    three.answer(200, "")
    await up.next("/4")
    assert.strictEqual(up.paths.length, 4)
  },

  async "sends no more than so many requests to a host"({ start, upstream }) {
    const [service, one, other] = await Promise.all([start({ PER_HOST: 2 }), upstream(), upstream()])
    await service.submit({ urls: ["/1", "/2", "/3"].map((path) => one.url(path)) })
    const [first] = await Promise.all([one.next("/1"), one.next("/2")])
    const elsewhere = await service.submit({ urls: [other.url("/ok/free")] })
    assert.strictEqual((await service.final(elsewhere)).state, "done")
    assert.strictEqual(one.paths.length, 2)

    first.answer(200, "")

    await one.next("/3")
  },

  async "lists the jobs and counts them"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ WORKERS: 1 }), upstream()])
    const done = await service.submit({ urls: [up.url("/ok/1")] })
    await service.final(done)
    const failed = await service.submit({ urls: [up.url("/status/404")] })
    await service.final(failed)
    const running = await service.submit({ urls: [up.url("/hangs")] })
    await up.next("/hangs")
    const queued = await service.submit({ urls: [up.url("/ok/2")] })
    const cancelled = await service.submit({ urls: [up.url("/ok/3")] })
    await service.delete(cancelled)
    await service.final(cancelled)

    const { body } = await service.request("GET", "/jobs")

    assert.deepStrictEqual(body, [
      { id: done, state: "done", attempts: 1, result: ["1"] },
      { id: failed, state: "failed", attempts: 1, error: "upstream answered 404" },
      { id: running, state: "running", attempts: 1 },
      { id: queued, state: "queued", attempts: 0 },
      { id: cancelled, state: "cancelled", attempts: 0, error: "deleted by client" }
    ])
    const counts = { queued: 1, running: 1, done: 1, failed: 1, cancelled: 1, waiting: 0 }
    assert.deepStrictEqual(await service.health(), counts)
  },

  async "answers whoever waits when the job is final"({ start, upstream }) {
    const [service, up] = await Promise.all([start({}), upstream()])
    const id = await service.submit({ urls: [up.url("/a")] })
    const a = await up.next("/a")
    const polls = [service.final(id), service.final(id)]
    await service.healthWhere({ waiting: 2 })

    a.answer(200, "hello")

    for (const poll of polls) assert.deepStrictEqual((await poll).result, ["hello"])
    await service.healthWhere({ waiting: 0 })
  },

  async "keeps nothing of polls that are over"({ start, upstream }) {
    const [service, up] = await Promise.all([start({}), upstream()])
    const id = await service.submit({ urls: [up.url("/hangs")] })

    for (let i = 0; i < 12; i++) assert.strictEqual((await service.get(id, 1)).state, "running")

    await service.delete(id)
    await service.final(id)
    service.kill("SIGTERM")
    const { stderr } = await service.ended()
    assert.strictEqual(stderr, "", stderr)
  },

  async "forgets a client that hangs up"({ start, upstream, patience }) {
    const [service, up] = await Promise.all([start({}), upstream()])
    const id = await service.submit({ urls: [up.url("/hangs")] })
    const client = new AbortController()
    const poll = service.get(id, 3_600_000, { signal: client.signal }).catch((error: Error) => error.name)
    await service.healthWhere({ waiting: 1 })

    client.abort()

    assert.strictEqual(await poll, "AbortError")
    await service.healthWhere({ waiting: 0, running: 1 }, patience)
    await service.delete(id)
    await service.final(id)
    service.kill("SIGTERM")
    const { stderr } = await service.ended()
    assert.strictEqual(stderr, "", stderr)
  },

  async "prints the counts from time to time"({ start }) {
    const service = await start({ STATS_MS: 10 })

    const second = await service.line("stats", 1)

    const counts = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0, waiting: 0 }
    assert.deepStrictEqual(second, { event: "stats", ...counts })
  },

  async "says which setting is wrong"({ start }) {
    const failure = await start({ WORKERS: 0 }).then(
      () => "",
      (error: Error) => error.message
    )

    assert.match(failure, /WORKERS must be a whole number from 1 on, not "0"/)
  },

  async "lets running jobs end when it shuts down, and cancels queued ones"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ WORKERS: 1 }), upstream()])
    const running = await service.submit({ urls: [up.url("/a")] })
    const a = await up.next("/a")
    const queued = await service.submit({ urls: [up.url("/ok/never")] })
    const poll = service.final(queued)
    await service.healthWhere({ waiting: 1 })

    service.kill("SIGTERM")

    assert.strictEqual((await poll).error, "shutting down")
    const refused = await service.post({ urls: [up.url("/ok/late")] }).catch((error: { code: string }) => error.code)
    assert.strictEqual(refused, "ECONNREFUSED")
    a.answer(200, "hello")
    const { code, final, stderr } = await service.ended()
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.deepStrictEqual(final, [
      { event: "final", id: running, state: "done", attempts: 1, result: ["hello"] },
      { event: "final", id: queued, state: "cancelled", attempts: 0, error: "shutting down" }
    ])
  },

  async "cancels running jobs when the grace is over, and answers whoever waits for them"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ GRACE_MS: 20 }), upstream()])
    const id = await service.submit({ urls: [up.url("/hangs")], retries: 3 })
    const request = await up.next("/hangs")
    const poll = service.final(id)
    await service.healthWhere({ waiting: 1 })

    service.kill("SIGTERM")

    const cancelled = { id, state: "cancelled", attempts: 1, error: "shutting down" } as const
    assert.deepStrictEqual(await poll, cancelled)
    await within(guard, "hanging up on the upstream", request.hungUp)
    const { code, final, stderr } = await service.ended()
    assert.deepStrictEqual([code, stderr, final], [0, "", [{ event: "final", ...cancelled }]])
  },

  async "cancels jobs that are between two attempts when it shuts down"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ BACKOFF_MS: 3_600_000, GRACE_MS: 0 }), upstream()])
    const id = await service.submit({ urls: [up.url("/status/503")], timeoutMs: 7_200_000, retries: 1 })
    await service.where(id, ({ error }) => error === "upstream answered 503")

    service.kill("SIGTERM")

    const { code, final, stderr } = await service.ended()
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.strictEqual(final[0]?.["state"], "cancelled")
    assert.deepStrictEqual(final, [{ event: "final", id, state: "cancelled", attempts: 1, error: "shutting down" }])
  },

  async "does not wait for the rest of a body when it shuts down"({ start }) {
    const service = await start({})
    const options = { unfinished: true }
    const stalled = service.request("POST", "/jobs", "{", options).catch((error: { code: string }) => error.code)
    // An answer on another connection says that the first one has arrived, too.
    await service.health()

    service.kill("SIGTERM")

    const { code, stderr } = await service.ended()
    assert.deepStrictEqual([code, stderr, await stalled], [0, "", "ECONNRESET"])
  },

  async "takes SIGINT as it takes SIGTERM"({ start }) {
    const service = await start({})

    service.kill("SIGINT")

    const { code, stderr } = await service.ended()
    assert.deepStrictEqual([code, stderr], [0, ""])
  },

  async "ends at once at the second signal"({ start, upstream }) {
    const [service, up] = await Promise.all([start({ GRACE_MS: 3_600_000, WORKERS: 1 }), upstream()])
    await service.submit({ urls: [up.url("/hangs")] })
    await up.next("/hangs")
    const poll = service.final(await service.submit({ urls: [up.url("/ok/never")] }))
    await service.healthWhere({ waiting: 1 })
    service.kill("SIGTERM")
    assert.strictEqual((await poll).error, "shutting down")

    service.kill("SIGINT")

    const { code, final, stderr } = await service.ended()
    assert.deepStrictEqual([code, final, stderr], [1, [], ""])
  }
}

/** How a version is run. */
interface Setup {
  readonly version: Version
  /** Whether its worker is a process of its own, with PostgreSQL between them. */
  readonly processes?: true
  /** Those of the scenarios that are a part of `npm test`; all by default. `npm run dev -- job-service` has all of all. */
  readonly slice?: ReadonlySet<string>
}

// What moves to another process with the jobs: their ends, their cancellations, and the shutdown.
const slice: ReadonlySet<string> = new Set([
  "gives an id at once and the result later",
  "tries again after a failure",
  "gives up when the retries are used up",
  "does not try again what was refused",
  "ends a job whose time is up",
  "stops the other URLs of a job when one fails",
  "cancels a queued job",
  "cancels a running job and hangs up on the upstream",
  "does not cancel what is final",
  "says what it does not know",
  "lists the jobs and counts them",
  "lets running jobs end when it shuts down, and cancels queued ones"
])

const setups: ReadonlyArray<Setup> = [
  { version: "promises" },
  { version: "compat" },
  { version: "core" },
  { version: "cluster/compat", slice },
  { version: "cluster/core", slice: new Set() },
  { version: "cluster/compat", processes: true, slice: new Set() },
  { version: "cluster/core", processes: true, slice }
]

/** Runs a scenario; whatever it started is stopped, however it ends. */
const run = async (
  name: string,
  start: (settings: Settings) => Promise<Service>,
  shared: () => Promise<Service>,
  patience: number
): Promise<void> => {
  const cleanups: Array<() => Promise<void> | void> = []
  try {
    await scenarios[name]!({
      start: async (settings) => {
        if (settings === undefined) return await shared()
        const service = await start(settings)
        cleanups.push(() => service.destroy())
        return service
      },
      upstream: async () => {
        const upstream = await Upstream.start(guard)
        cleanups.push(() => upstream.stop())
        return upstream
      },
      patience
    })
  } finally {
    for (const cleanup of cleanups) await cleanup()
  }
}

const failureOf = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => "nothing: the test passes, and examples/job-service/knownBugs.ts is out of date",
    (error: Error) => error.message
  )

const all = process.env["JOB_SERVICE"] === "all"

for (const { processes = false, slice, version } of setups) {
  const names = Object.keys(scenarios).filter((name) => all || slice === undefined || slice.has(name))
  if (names.length === 0) continue

  describe.concurrent(
    `the job service with ${version}${processes ? " in processes" : ""}`,
    { timeout: 8 * guard },
    () => {
      let postgres: Started | undefined
      let databases = 0
      let started: Promise<Service> | undefined
      const start = async (settings: Settings): Promise<Service> => {
        if (!(postgres instanceof Server)) return Service.start(version, settings, guard)
        const database = createDatabase(postgres, `jobs_${++databases}`)
        // A worker that gets no processor for a while has not died, and its jobs have one run.
        return Service.startWithWorker(version, { ...settings, EXPIRY_MS: 60_000 }, guard, database)
      }
      const shared = () => (started ??= start(sharedSettings))
      beforeAll(async () => {
        if (processes) postgres = await startPostgres()
      }, 120_000)
      afterAll(async () => {
        await (await started)?.destroy()
        if (postgres instanceof Server) await postgres.stop()
      })

      const bugs = version === "promises" ? knownBugs : {}
      for (const name of names.filter((name) => !(name in bugs))) {
        it(name, async ({ skip }) => {
          if (typeof postgres === "string") skip(postgres)
          await run(name, start, shared, guard / 2)
        })
      }
      for (const [name, { shows }] of Object.entries(bugs)) {
        it(`fails, as known: ${name}`, async () => {
          const failure = await failureOf(run(name, start, shared, 1500))

          assert.match(failure, shows)
        })
      }
    }
  )
}

it("the slice is of scenarios that exist", () => {
  assert.deepStrictEqual(
    [...slice].filter((name) => !(name in scenarios)),
    []
  )
})

describe("the known bugs", () => {
  it("are those of tests that exist", () => {
    assert.deepStrictEqual(
      Object.keys(knownBugs).filter((name) => !(name in scenarios)),
      []
    )
  })
})
