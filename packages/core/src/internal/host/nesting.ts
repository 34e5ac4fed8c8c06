/**
 * How deep calls are nested that a program can nest at will: bodies of scopes in each other, and Effects and async functions in
 * each other. Each takes a good part of JavaScript's stack, which a few hundred of them would use up. Where they are
 * deep the next one begins, or goes on, in an iteration of the loop, on a stack of its own.
 */

/** Counts levels of calls. */
export interface Nesting {
  /** Whether there are too many. */
  readonly isDeep: () => boolean
  /** Calls `f` as one level more. */
  readonly nested: <A>(f: () => A) => A
}

export const makeNesting = (deepest: number): Nesting => {
  let depth = 0
  return {
    isDeep: () => depth >= deepest,
    nested: (f) => {
      depth++
      try {
        return f()
      } finally {
        depth--
      }
    }
  }
}

// Far fewer than fit, because the program needs some of the stack, too; and more than a program nests by hand.
export const { isDeep, nested }: Nesting = /*#__PURE__*/ makeNesting(64)

/** What has a queue: the loop. */
interface Queue {
  enqueue(item: { run(): void }): void
}

/** Calls `f` as one level more, in the loop's next iteration where there are too many. */
export const nestedOrNext = (loop: Queue, f: () => void): void => {
  if (isDeep()) loop.enqueue({ run: () => nested(f) })
  else nested(f)
}
