// What a job is, and where jobs are kept. Nothing here waits for anything.
import { HttpError } from "./http.ts"

/** What a client asks for: the bodies of some URLs. */
export interface JobRequest {
  readonly urls: ReadonlyArray<string>
  /** How long the job may run, all attempts together. */
  readonly timeoutMs: number
  /** How many attempts may follow the first one. */
  readonly retries: number
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled"

/** A job as clients see it. */
export interface JobView {
  readonly id: string
  readonly state: JobState
  readonly attempts: number
  readonly result?: ReadonlyArray<string> | undefined
  /** Why it is not done, or why its last attempt failed. */
  readonly error?: string | undefined
}

export const viewOf = ({ id, state, attempts, result, error }: JobView): JobView => ({
  id,
  state,
  attempts,
  result,
  error
})

export const isFinal = (state: JobState): boolean => state !== "queued" && state !== "running"

/** Checks what a client sent. Throws an HttpError 400 that says what is wrong. */
export const parseJobRequest = (input: unknown): JobRequest => {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new HttpError(400, "a job must be a JSON object")
  }
  const { urls, timeoutMs = 30_000, retries = 0, ...rest } = input as Record<string, unknown>
  const unknown = Object.keys(rest)[0]
  if (unknown !== undefined) throw new HttpError(400, `unknown field: ${unknown}`)
  if (!Array.isArray(urls) || urls.length === 0 || urls.length > 10) {
    throw new HttpError(400, "urls must be a list of 1 to 10 URLs")
  }
  for (const url of urls) {
    if (typeof url !== "string" || !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      throw new HttpError(400, `urls must be http or https URLs, not ${JSON.stringify(url)}`)
    }
  }
  if (typeof timeoutMs !== "number" || !Number.isInteger(timeoutMs) || timeoutMs < 1) {
    throw new HttpError(400, "timeoutMs must be a whole number from 1 on")
  }
  if (typeof retries !== "number" || !Number.isInteger(retries) || retries < 0 || retries > 10) {
    throw new HttpError(400, "retries must be a whole number from 0 to 10")
  }
  return { urls: urls as ReadonlyArray<string>, timeoutMs, retries }
}

/** Why an attempt failed. */
export class AttemptError extends Error {
  /** Whether another attempt may help. */
  readonly retryable: boolean

  constructor(message: string, retryable: boolean) {
    super(message)
    this.retryable = retryable
  }
}

/**
 * The body of what is at `url`. Rejects with an AttemptError, or with the signal's reason when that has aborted.
 */
export const fetchText = async (url: string, signal: AbortSignal): Promise<string> => {
  try {
    const response = await fetch(url, { signal })
    if (response.ok) return await response.text()
    await response.body?.cancel()
    throw new AttemptError(`upstream answered ${response.status}`, response.status >= 500)
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof AttemptError ? error : networkError(error)
  }
}

/** What `fetch` rejects with says "fetch failed"; the reason is in its cause. */
const networkError = (error: unknown): AttemptError => {
  const { cause, message } = error as Error & { readonly cause?: { readonly code?: string; readonly message?: string } }
  return new AttemptError(`upstream failed: ${cause?.code ?? cause?.message ?? message}`, true)
}

/** Stands for a database: every job that is not final, and the last of the others. */
export class JobStore<J extends JobView> {
  readonly #jobs = new Map<string, J>()
  readonly #history = 1000
  #lastId = 0

  nextId(): string {
    return `job-${++this.#lastId}`
  }

  add(job: J): void {
    this.#jobs.set(job.id, job)
    if (this.#jobs.size <= this.#history) return
    for (const { id, state } of this.#jobs.values()) {
      if (isFinal(state)) return void this.#jobs.delete(id)
    }
  }

  /** Throws an HttpError 404 for an id that nobody has. */
  get(id: string): J {
    const job = this.#jobs.get(id)
    if (job === undefined) throw new HttpError(404, `no such job: ${id}`)
    return job
  }

  all(): ReadonlyArray<J> {
    return [...this.#jobs.values()]
  }

  inState(wanted: JobState): ReadonlyArray<J> {
    return this.all().filter(({ state }) => state === wanted)
  }

  counts(): Record<JobState, number> {
    const counts: Record<JobState, number> = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 }
    for (const { state } of this.#jobs.values()) counts[state]++
    return counts
  }
}
