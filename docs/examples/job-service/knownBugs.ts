// What the version with promises does wrong, by the name of the test in docs/test/job-service/job-service.test.ts that shows it. The
// test has to fail for that version, and in the way that is written here.

export interface KnownBug {
  /** What in the program is to blame. Several tests may show the same. */
  readonly cause: string
  /** What the failing test says. */
  readonly shows: RegExp
}

// `Promise.race` in withTimeout: the loser goes on, and nobody has told it to stop.
const loserGoesOn = "the loser of Promise.race goes on working"
// `sleep` in the retry loop: the signal is looked at before and after it only.
const sleepIsDeaf = "a sleep that no signal ends"

export const knownBugs: Readonly<Record<string, KnownBug>> = {
  "hangs up on the upstream when the time is up": {
    cause: loserGoesOn,
    shows: /did not happen: hanging up on the upstream/
  },
  "begins no attempt when the time is up": {
    cause: loserGoesOn,
    shows: /expected 'another attempt .*to equal 'hung up'/
  },
  "gives the place at the host to others when the time is up": {
    cause: loserGoesOn,
    shows: /expected 'running' to equal 'done'/
  },
  "takes a timeout that is longer than the host's timers": {
    cause: "setTimeout fires at once when the delay does not fit in 31 bits",
    shows: /expected 'failed' to equal 'running'/
  },
  "stops the other URLs of a job when one fails": {
    cause: "Promise.all rejects and leaves the others running",
    shows: /did not happen: hanging up on the upstream/
  },
  "cancels a job between two attempts": {
    cause: sleepIsDeaf,
    shows: /expected 'running' to equal 'cancelled'/
  },
  "cancels jobs that are between two attempts when it shuts down": {
    cause: sleepIsDeaf,
    shows: /expected 'running' to equal 'cancelled'/
  },
  "cancels a job that waits for its host": {
    cause: "a task that waits for the limiter cannot leave its wait queue",
    shows: /did not happen: a request for \/next/
  },
  "gives the place of a cancelled job in the queue to another": {
    cause: "a cancelled job stays in the queue until a worker skips it",
    shows: /expected 429 to equal 202/
  },
  "keeps nothing of polls that are over": {
    cause: "a poll whose time is up leaves its listener behind",
    shows: /MaxListenersExceededWarning/
  },
  "forgets a client that hangs up": {
    cause: "nothing ends a wait whose client is gone",
    shows: /did not happen: the counts .*"waiting":1/
  }
}
