/**
 * What a text on the command line means that stands for a process or a task: the number of one, or its name.
 */

/** How a text is understood. Where neither is there it is a name, as it stands. */
export interface Meaning {
  readonly number?: string
  readonly name?: string
}

/** A number means itself, as `number:1` does; `name:1` means what is called so. */
export const meaningOf = (text: string, isNumber: (text: string) => boolean): Meaning => {
  const [, way, rest = ""] = /^(number|name):([^]+)$/.exec(text) ?? []
  if (way === "name") return { name: rest }
  if (way === "number" && isNumber(rest)) return { number: rest }
  return isNumber(text) ? { number: text } : {}
}
