/**
 * Texts in columns of a terminal, in which a character may take two, or none.
 */
import stringWidth from "string-width"

const plain = /^[ -~]*$/

/** In how many columns a text stands. */
export const widthOf = (text: string): number => (plain.test(text) ? text.length : stringWidth(text))

/** A text that is filled up to so many columns. */
export const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)))
