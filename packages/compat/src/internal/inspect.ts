// What Node.js, Bun and Deno look for on an object that they print.
const custom = Symbol.for("nodejs.util.inspect.custom")

interface Printable {
  readonly prototype: { toString(): string }
}

/** Has consoles print what is of these classes as it prints itself, without its insides. */
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
