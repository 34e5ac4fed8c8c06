/**
 * What libraries on top of this package need, and programs do not: other kinds of coroutine, and what they have to tell the
 * loop. The compat package is made of it.
 *
 * @stability unstable
 * @since 0.1.0
 */
export * from "./arguments.ts"
export * from "./asyncContext.ts"
export * from "./awaitables.ts"
export * from "./cancellations.ts"
export * from "./coroutines.ts"
export * from "./elsewhere.ts"
export * from "./exceptStar.ts"
export * from "./futures.ts"
export * from "./hooks.ts"
export * from "./leaks.ts"
export * from "./looking.ts"
export * from "./loops.ts"
export * from "./making.ts"
export * from "./observing.ts"
export * from "./reading.ts"
export * from "./recording.ts"
export * from "./running.ts"
export * from "./scopes.ts"
export * from "./thrown.ts"
export * from "./trees.ts"
