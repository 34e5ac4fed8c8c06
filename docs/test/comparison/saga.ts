import { runSaga, type Task } from "redux-saga"
import { all, call, cancel, cancelled, type Effect, fork } from "redux-saga/effects"
import { aWhile, type Peer, pause } from "./question.ts"

// What comes back from a yield depends on the effect that went out, which the type of a generator cannot say.
type Steps<A = void> = Generator<Effect, A, never>

const options = { onError: () => {} }
const forever = () => new Promise<never>(() => {})

/** A task that is cancelled while it waits. */
function* stopped(work: () => Steps<unknown>): Steps<Task> {
  const task: Task = yield fork(work)
  yield call(pause)
  yield cancel(task)
  return task
}

const runAll = <A>(saga: () => Steps<A>) => runSaga(options, saga).toPromise<A>()

export const saga: Peer = {
  stopWaits: async () => {
    let cleaned = false
    const work = function* (): Steps {
      try {
        yield call(forever)
      } finally {
        yield call(pause)
        cleaned = true
      }
    }
    await runAll(function* (): Steps {
      yield* stopped(work)
    })
    return cleaned
  },

  resultInSpite: async () => {
    const task = await runAll(() =>
      stopped(function* (): Steps<string> {
        try {
          return yield call(forever)
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- the only place where a cancelled saga still runs
          if (yield cancelled()) return "half"
        }
      })
    )
    await aWhile()
    return task.result() === "half"
  },

  siblings: async () => {
    let stoppedToo = false
    const sibling = function* (): Steps {
      try {
        yield call(forever)
      } finally {
        stoppedToo = true
      }
    }
    const failing = function* (): Steps {
      yield call(pause)
      throw new Error("one")
    }
    await runAll(function* () {
      yield all([call(sibling), call(failing)])
    }).catch(() => {})
    return stoppedToo
  },

  allFailures: async () => {
    const failing = function* (text: string): Steps {
      yield call(pause)
      throw new Error(text)
    }
    const caught: unknown = await runAll(function* () {
      yield all([call(failing, "one"), call(failing, "two")])
    }).catch((error: unknown) => error)
    return caught instanceof AggregateError
  }
}
