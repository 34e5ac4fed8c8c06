/**
 * The cluster that async functions are in.
 */
import * as asyncio from "@effect-asyncio/compat"
import * as Effect from "effect/Effect"
import { CurrentAttempt } from "../attempt.ts"
import { Cluster, openService } from "../Cluster.ts"
import { currentAttempt } from "./attempt.ts"

export const clusterHere = /*#__PURE__*/ asyncio.ContextVar.make<Cluster["Service"] | undefined>("cluster", {
  defaultValue: undefined
})

/** The cluster of the code that calls. */
export const here = (operation: string): Cluster["Service"] => openService(operation, clusterHere.get())

/** What an Effect gives that asks the cluster of the code that calls. */
export const asked = <A, E>(operation: string, effect: Effect.Effect<A, E, Cluster>): Promise<A> => {
  const service = here(operation)
  const attempt = currentAttempt()
  return asyncio.runEffect(
    effect.pipe(Effect.provideService(Cluster, service), Effect.provideService(CurrentAttempt, attempt))
  )
}
