/**
 * Where a run's Effect services come from.
 */
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"

export interface Services {
  readonly context: Context.Context<never> | undefined
  /** Releases what was built for the run. A runtime that the program gave stays the program's. */
  release(): Promise<void>
}

const nothing = async (): Promise<void> => {}

/** Builds the services that `runtime` stands for, over `context`. */
export const servicesOf = async (runtime: unknown, context: Context.Context<never> | undefined): Promise<Services> => {
  const merged = (services: Context.Context<never>) =>
    context === undefined ? services : Context.merge(context, services)
  if (ManagedRuntime.isManagedRuntime(runtime)) {
    return { context: merged(await runtime.context()), release: nothing }
  }
  if (!Layer.isLayer(runtime))
    // When: the option `runtime` of `run` or `Runner` is none of the two.
    throw lowlevel.unexpectedValue(
      "a ManagedRuntime or a Layer was expected",
      runtime,
      "Give it what `ManagedRuntime.make` gives."
    )
  // Not a ManagedRuntime of our own: what that can do beside weighs 1 kB in every program.
  const scope = Scope.makeUnsafe("sequential")
  const release = () => Effect.runPromise(Scope.close(scope, Exit.void))
  // A build that fails releases what it has made.
  const build = Layer.buildWithScope(runtime as Layer.Layer<unknown, unknown>, scope)
  return { context: merged(await Effect.runPromise(build)), release }
}
