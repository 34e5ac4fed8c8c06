// The settings of the service, from the environment.

export interface Config {
  /** 0 takes any free port. */
  readonly port: number
  /** How many jobs run at a time. */
  readonly workers: number
  /** How many jobs may wait for a worker. */
  readonly queueLimit: number
  /** How many requests go to one upstream host at a time. */
  readonly perHost: number
  /** The pause before the first retry; every further one is twice as long. */
  readonly backoffMs: number
  /** How long a shutdown lets running jobs go on. */
  readonly graceMs: number
  /** How often the counts are printed. */
  readonly statsMs: number
  /** The largest body of a request, in bytes. */
  readonly maxBody: number
}

const setting = (name: string, fallback: number, least: number): number => {
  const text = process.env[name] ?? String(fallback)
  const value = Number(text)
  if (text.trim() === "" || !Number.isInteger(value) || value < least) {
    throw new Error(`${name} must be a whole number from ${least} on, not ${JSON.stringify(text)}`)
  }
  return value
}

export const readConfig = (): Config => ({
  port: setting("PORT", 8080, 0),
  workers: setting("WORKERS", 4, 1),
  queueLimit: setting("QUEUE_LIMIT", 100, 1),
  perHost: setting("PER_HOST", 2, 1),
  backoffMs: setting("BACKOFF_MS", 200, 0),
  graceMs: setting("GRACE_MS", 10_000, 0),
  statsMs: setting("STATS_MS", 60_000, 1),
  maxBody: setting("MAX_BODY", 10_000, 1)
})
