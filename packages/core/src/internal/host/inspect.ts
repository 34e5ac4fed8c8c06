/**
 * How consoles print our objects: short, and without the insides of the task layer.
 */

// What Node.js, Bun and Deno look for on an object that they print.
const custom = Symbol.for("nodejs.util.inspect.custom")

interface Printable {
  readonly prototype: { toString(): string }
}

/** Has consoles print what is of these classes as it prints itself. */
export const printsAsText = (...classes: ReadonlyArray<Printable>): void => {
  for (const { prototype } of classes) {
    Object.defineProperty(prototype, custom, {
      configurable: true,
      writable: true,
      value(this: { toString(): string }): string {
        return this.toString()
      }
    })
  }
}

/** Has consoles print these errors as they print any other. Those of Effect print as an object, without name and stack. */
export const printsAsError = (...classes: ReadonlyArray<Printable>): void => {
  for (const { prototype } of classes) {
    Object.defineProperty(prototype, custom, { configurable: true, writable: true, value: undefined })
  }
}
