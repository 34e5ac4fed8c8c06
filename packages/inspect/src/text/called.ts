/**
 * How what is looked into is called in sentences.
 */
import type { Hello } from "../protocol.ts"
import { printable } from "./printable.ts"

/** A process by its number, and a cluster, which many processes have, by its name. */
export const calledOf = ({ cluster, name, pid }: Hello): string =>
  cluster === undefined ? `process ${pid}` : `the cluster ${printable(name)}`
