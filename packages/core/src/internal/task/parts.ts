/**
 * What is in flight in a {@link CallbackScope}: awaits, Effects, child scopes.
 */
import type { CallbackScope } from "./callbackScope.ts"
import type { FiberScope } from "./fiberScope.ts"
import type { FutureImpl } from "./future.ts"
import type { Wait } from "./wait.ts"

/** What a request is passed on to. */
export type Part = Wait | FiberScope | CallbackScope

export abstract class Parts {
  // One await, several, or none: most steps wait for one thing.
  #waits: Wait | Set<Wait> | undefined = undefined
  // The Effects that run as a part of the scope.
  #fiberScopes: Set<FiberScope> | undefined = undefined
  #children: Set<CallbackScope> | undefined = undefined

  addWait(wait: Wait): void {
    if (this.#waits === undefined) this.#waits = wait
    else if (this.#waits instanceof Set) this.#waits.add(wait)
    else this.#waits = new Set([this.#waits, wait])
  }

  /** Says whether `wait` was in flight here. */
  removeWait(wait: Wait): boolean {
    if (this.#waits === wait) this.#waits = undefined
    else if (!(this.#waits instanceof Set && this.#waits.delete(wait))) return false
    return true
  }

  fiberScopeBegins(scope: FiberScope): void {
    ;(this.#fiberScopes ??= new Set()).add(scope)
  }

  fiberScopeEnds(scope: FiberScope): void {
    this.#fiberScopes?.delete(scope)
  }

  childBegins(child: CallbackScope): void {
    ;(this.#children ??= new Set()).add(child)
  }

  childEnds(child: CallbackScope): void {
    this.#children?.delete(child)
  }

  inFlight(): boolean {
    return this.#waits instanceof Set
      ? this.#waits.size > 0 || this.hasInner
      : this.#waits !== undefined || this.hasInner
  }

  /** Whether scopes are further in. Most scopes that are cancelled have none. */
  get hasInner(): boolean {
    return (this.#fiberScopes?.size ?? 0) > 0 || (this.#children?.size ?? 0) > 0
  }

  /** What is in flight, if that is one part, as it mostly is. */
  onlyPart(): Part | undefined {
    const waits = this.#waits
    const fiberScopes = this.#fiberScopes?.size ?? 0
    const children = this.#children?.size ?? 0
    if (waits !== undefined) {
      return waits instanceof Set || fiberScopes + children > 0 ? undefined : waits
    }
    if (fiberScopes + children !== 1) return undefined
    for (const only of fiberScopes === 1 ? this.#fiberScopes! : this.#children!) return only
    return undefined
  }

  /** What is in flight, as it is now. */
  parts(): {
    waits: ReadonlyArray<Wait>
    fiberScopes: ReadonlyArray<FiberScope>
    children: ReadonlyArray<CallbackScope>
  } {
    const waits = this.#waits
    return {
      waits: waits === undefined ? [] : waits instanceof Set ? [...waits] : [waits],
      fiberScopes: Array.from(this.#fiberScopes ?? []),
      children: Array.from(this.#children ?? [])
    }
  }

  // ---- further in --------------------------------------------------------------------------------------------------

  /** The callback scopes that this one is the nearest around. */
  #nested(): ReadonlyArray<CallbackScope> {
    const { children, fiberScopes } = this.parts()
    return [...children, ...fiberScopes.flatMap(({ inner }) => inner ?? [])]
  }

  /** The scope, and the callback scopes in it at any depth. */
  protected *withNested(): Generator<CallbackScope> {
    const scopes = [this as unknown as CallbackScope]
    for (const scope of scopes) {
      yield scope
      if (scope.hasInner) scopes.push(...scope.#nested())
    }
  }

  /** What the scope, and those further in, wait for, the oldest first. */
  *awaiting(): Generator<FutureImpl> {
    for (const scope of this.withNested()) {
      const { fiberScopes, waits } = scope.parts()
      const ofFibers = fiberScopes.map(({ wait }) => wait)
      for (const wait of [...waits, ...ofFibers]) if (wait?.future !== undefined) yield wait.future
    }
  }

  isWaiting(): boolean {
    for (const scope of this.withNested()) {
      const { fiberScopes, waits } = scope.parts()
      if (waits.length > 0 || fiberScopes.some(({ inner }) => inner === undefined)) return true
    }
    return false
  }
}
