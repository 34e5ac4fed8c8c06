// The addresses of the reference: /api/core/gather, /api/core/lowlevel/, /api/compat/Queue.
import { MemberRouter } from "typedoc-plugin-markdown"
import { type DeclarationReflection, type PageDefinition, type Reflection, ReflectionKind } from "typedoc"

/** What an entry point exports once more has its page where it was exported first. */
export const original = (reflection: DeclarationReflection): DeclarationReflection =>
  reflection.isReference() ? (reflection.getTargetReflectionDeep() as DeclarationReflection) : reflection

/** `core` for @effect-asyncio/core. */
export const shortName = (name: string): string => name.replace("@effect-asyncio/", "")

/** The folder of an entry point: `core`, `core/lowlevel`. */
export const folderOf = (entry: Reflection): string => {
  const name = shortName(entry.parent?.name ?? "")
  return entry.name === "index" ? name : `${name}/${entry.name}`
}

export const isEntryPoint = (reflection: Reflection): boolean =>
  reflection.kindOf(ReflectionKind.Module) && reflection.parent?.kindOf(ReflectionKind.Module) === true

const suffixes: Readonly<Record<number, string>> = {
  [ReflectionKind.Class]: "class",
  [ReflectionKind.Interface]: "interface",
  [ReflectionKind.TypeAlias]: "type"
}

const siblingsOf = (reflection: Reflection): ReadonlyArray<DeclarationReflection> =>
  (reflection.parent as DeclarationReflection | undefined)?.children ?? []

const types = [ReflectionKind.TypeAlias, ReflectionKind.Interface]

/** The value on whose page a type stands that has its name, such as that of `TimeoutError`. */
export const valueOf = (reflection: Reflection): DeclarationReflection | undefined =>
  reflection.kindOf(types)
    ? siblingsOf(reflection).find(({ kind, name }) => name === reflection.name && !types.includes(kind))
    : undefined

/** The type that stands on a value's page. */
export const typeOf = (reflection: Reflection): DeclarationReflection | undefined =>
  siblingsOf(reflection).find((other) => valueOf(other) === reflection)

/**
 * The name in an address. `timeout` and `Timeout` are two names, and one file on macOS and Windows: the type's has its kind
 * behind it.
 */
export const addressName = (reflection: Reflection): string => {
  const name = reflection.name
  const isSecond =
    /^[A-Z]/.test(name) &&
    siblingsOf(reflection).some((other) => other.name !== name && other.name.toLowerCase() === name.toLowerCase())
  return isSecond ? `${name}-${suffixes[reflection.kind] ?? "value"}` : name
}

export class ShortRouter extends MemberRouter {
  override getIdealBaseName(reflection: Reflection): string {
    if (reflection.kindOf(ReflectionKind.Project)) return "index"
    if (isEntryPoint(reflection)) return `${folderOf(reflection)}/index`
    if (reflection.kindOf(ReflectionKind.Module)) return `${shortName(reflection.name)}/index`
    return `${folderOf(reflection.parent!)}/${addressName(valueOf(reflection) ?? reflection)}`
  }

  override buildChildPages(reflection: Reflection, outPages: Array<PageDefinition>): void {
    const value = valueOf(reflection)
    if (value !== undefined) {
      this.fullUrls.set(reflection, `${this.getIdealBaseName(value)}.md`)
    } else if (reflection.kindOf(ReflectionKind.Module) && !isEntryPoint(reflection)) {
      // A package is where its first entry point is.
      this.fullUrls.set(reflection, `${this.getIdealBaseName(reflection)}.md`)
      reflection.traverse((child) => {
        this.buildChildPages(child, outPages)
        return true
      })
    } else {
      super.buildChildPages(reflection, outPages)
    }
  }
}
