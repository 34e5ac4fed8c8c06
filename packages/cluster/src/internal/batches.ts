/**
 * Writes that share a transaction. SQLite has one writer, to which a commit is dearer than what it commits: what comes while one is under way goes
 * into the next.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { closedError } from "./closed.ts"

/** How a write is done. */
export type Write = <A>(statement: Effect.Effect<A, SqlError>) => Effect.Effect<A, SqlError>

/** Where many write at the same time the database itself has them share a commit. */
export const alone: Write = (statement) => statement

interface Waiting {
  /** Runs the statement; gives what to tell its caller once it is committed. */
  readonly run: Effect.Effect<Effect.Effect<unknown>>
  readonly fail: (error: SqlError) => Effect.Effect<unknown>
  readonly refuse: Effect.Effect<unknown>
}

/** Until the scope is closed: a write that is not done by then, and each one after that, dies. */
export const together = (sql: SqlClient.SqlClient): Effect.Effect<Write, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Waiting>()
    let isClosed = false
    const refuse = (batch: ReadonlyArray<Waiting>) =>
      Effect.forEach(batch, (waiting) => waiting.refuse, { discard: true })
    yield* Effect.addFinalizer(() => {
      isClosed = true
      return Effect.flatMap(Queue.clear(queue), refuse)
    })
    const commit = Effect.flatMap(Queue.takeAll(queue), (batch) =>
      Effect.forEach(batch, ({ run }) => run).pipe(
        sql.withTransaction,
        Effect.matchEffect({
          onSuccess: (tell) => Effect.all(tell, { discard: true }),
          onFailure: (error) => Effect.forEach(batch, ({ fail }) => fail(error), { discard: true })
        }),
        Effect.onInterrupt(() => refuse(batch))
      )
    )
    yield* Effect.forkScoped(Effect.forever(commit))
    return <A>(statement: Effect.Effect<A, SqlError>) =>
      Effect.gen(function* () {
        if (isClosed) return yield* Effect.die(closedError())
        const told = yield* Deferred.make<A, SqlError>()
        yield* Queue.offer(queue, {
          // A statement that fails takes back itself and no other.
          run: Effect.map(Effect.exit(statement), (exit: Exit.Exit<A, SqlError>) => Deferred.done(told, exit)),
          fail: (error) => Deferred.fail(told, error),
          refuse: Effect.suspend(() => Deferred.die(told, closedError()))
        })
        return yield* Deferred.await(told)
      })
  })
