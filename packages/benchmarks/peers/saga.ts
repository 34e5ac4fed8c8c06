/** Redux-Saga's forks, without a store. */
import { runSaga, type Saga, type Task } from "redux-saga"
import { all, call, cancel, delay, type Effect, fork, join } from "redux-saga/effects"
import { hour, onlyFor, type Peer, type Probe, spread } from "../src/peer.ts"
import { versionOf } from "../src/versions.ts"

// What comes back from a yield depends on the effect that went out, which the type of a generator cannot say.
type Steps<A = void> = Generator<Effect, A, never>

// eslint-disable-next-line require-yield
function* one(): Steps<number> {
  return 1
}

function* sleepLong(): Steps {
  yield delay(hour)
}

function* forkMany(n: number, saga: () => Steps<unknown>): Steps<Array<Task>> {
  const tasks: Array<Task> = []
  for (let i = 0; i < n; i++) tasks.push(yield fork(saga))
  return tasks
}

function* createAndAwait(n: number): Steps {
  for (let i = 0; i < n; i++) {
    const task: Task = yield fork(one)
    yield join(task)
  }
}

function* createThenAwait(n: number): Steps {
  const tasks = yield* forkMany(n, one)
  for (const task of tasks) yield join(task)
}

function* gather(n: number): Steps {
  yield all(Array.from({ length: n }, () => call(one)))
}

function* cancelSleepers(n: number, probe: Probe): Steps {
  const tasks = yield* forkMany(n, sleepLong)
  probe.start()
  yield cancel(tasks)
  probe.stop()
}

function* cancelOne(n: number, probe: Probe): Steps {
  const tasks = yield* forkMany(n, sleepLong)
  const picked = spread(tasks)
  probe.start()
  for (const task of picked) yield cancel(task)
  probe.stop()
  yield cancel(tasks)
}

function* sleepers(n: number, probe: Probe): Steps {
  const tasks = yield* forkMany(n, sleepLong)
  probe.hold()
  yield cancel(tasks)
}

const run = async (saga: Saga<[number, Probe]>, n: number, probe: Probe): Promise<void> => {
  await runSaga({}, saga, n, probe).toPromise()
}

export const peer: Peer = {
  versions: { "redux-saga": versionOf("redux-saga") },
  programs: onlyFor("measured for forking and cancelling", {
    createAndAwait: (n, probe) => run(createAndAwait, n, probe),
    createThenAwait: (n, probe) => run(createThenAwait, n, probe),
    gather: (n, probe) => run(gather, n, probe),
    cancelSleepers: (n, probe) => run(cancelSleepers, n, probe),
    sleepers: (n, probe) => run(sleepers, n, probe),
    cancelOne: (n, probe) => run(cancelOne, n, probe)
  })
}
