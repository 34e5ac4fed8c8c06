/**
 * A stream of what an Effect gives again and again, made without Effect's Stream module: that and what it imports is half as
 * much code as all that core needs of Effect, and hardly a program uses it.
 */
import type * as Arr from "effect/Array"
import type * as Channel from "effect/Channel"
import type * as Pull from "effect/Pull"
import type * as Stream from "effect/Stream"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import { pipeArguments } from "effect/Pipeable"

type Chunk<A> = Arr.NonEmptyReadonlyArray<A>

/** What Effect's functions read of a channel; its type tells only the variance. */
interface PulledChannel<A, E> extends Channel.Channel<Chunk<A>, E> {
  readonly transform: () => Effect.Effect<Pull.Pull<Chunk<A>, E>>
}

const channelVariance = {
  _Env: identity,
  _InErr: identity,
  _InElem: identity,
  _InDone: identity,
  _OutErr: identity,
  _OutElem: identity,
  _OutDone: identity
}

const streamVariance = { _A: identity, _E: identity, _R: identity }

// The keys are those of `Channel.TypeId` and `Stream.TypeId`, whose types let no other through.
const channelOf = <A, E>(pull: Pull.Pull<Chunk<A>, E>): PulledChannel<A, E> => ({
  "~effect/Channel": channelVariance,
  transform: () => Effect.succeed(pull),
  pipe() {
    return pipeArguments(this, arguments)
  }
})

/** The stream of what `next` gives, until it gives undefined. A second run goes on where the first has left it. */
export const pulledStream = <A, E>(next: Effect.Effect<A | undefined, E>): Stream.Stream<A, E> => {
  const pull: Pull.Pull<Chunk<A>, E> = Effect.flatMap(next, (value): Pull.Pull<Chunk<A>> =>
    value === undefined ? Cause.done() : Effect.succeed([value])
  )
  return {
    "~effect/Stream": streamVariance,
    channel: channelOf(pull),
    pipe() {
      return pipeArguments(this, arguments)
    }
  }
}
