/**
 * From the declarations of a script to its slots: what both interpreters have in common.
 */
import type { ObjectDeclaration } from "../script.ts"
import type { Kind, SlotOf, SlotTypes } from "./session.ts"

export type DeclaredKind = ObjectDeclaration["kind"]

/** The declarations of a kind. */
export type Declaration<K extends DeclaredKind> = Extract<ObjectDeclaration, { kind: K }>

// Those that are used like another kind.
const usedAs = { bounded: "semaphore", lifo: "queue", priority: "queue" } as const

/** The kind of slot that a declared object is kept in. */
export type SlotKind<K extends DeclaredKind> = K extends keyof typeof usedAs ? (typeof usedAs)[K] : Extract<K, Kind>

/** A declared object in its slot. */
export const slotFor = <T extends SlotTypes>({ kind }: ObjectDeclaration, value: unknown): SlotOf<T> =>
  ({ kind: kind in usedAs ? usedAs[kind as keyof typeof usedAs] : kind, value }) as SlotOf<T>
