/**
 * How consoles print our objects: short, and without the insides of the task layer.
 */

/**
 * What Node.js, Bun and Deno look for on an object that they print. Our classes have it as a method that gives `toString()`:
 * a statement behind a class that sets it would keep the class in every program.
 */
export const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom")
