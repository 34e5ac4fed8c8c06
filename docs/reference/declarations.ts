// The signature blocks of the API reference: the declarations of the built packages, as the compiler has written them, without
// comments and without what only the library itself may use.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { format } from "oxfmt"
import ts from "typescript"
import { root } from "../../packages/tools/repository.ts"

/** A member of a class or an interface. Overloads are one, with a line for each. */
export interface MemberSignature {
  readonly name: string
  readonly static: boolean
  readonly text: string
}

export interface Signature {
  readonly text: string
  /** The types in it that are not exported, and those in them, as they are declared in the same file. */
  readonly helpers: string
  readonly members: ReadonlyArray<MemberSignature>
}

const files = new Map<string, ts.SourceFile | undefined>()

const parse = (path: string): ts.SourceFile | undefined => {
  if (!files.has(path)) {
    const file = existsSync(path)
      ? ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true)
      : undefined
    files.set(path, file)
  }
  return files.get(path)
}

const namesOf = (statement: ts.Statement): ReadonlyArray<string> => {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText())
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  )
    return statement.name === undefined ? [] : [statement.name.text]
  return []
}

/** Where a source declares a name, from 1 on. */
export const lineOf = (path: string, name: string): number | undefined => {
  const file = parse(join(root, path))
  const found = file?.statements.find((it) => namesOf(it).includes(name))
  return found === undefined ? undefined : file!.getLineAndCharacterOfPosition(found.getStart()).line + 1
}

/**
 * The source of a declaration of the built packages: what compat hands on of core is read from those. TypeDoc names the files of a package from
 * the folder on that has all that it reads, which is packages where nothing of Effect is handed on.
 */
export const sourceOf = (path: string): string => {
  const source = path.replace("/dist/", "/src/").replace(/\.d\.ts$/, ".ts")
  return existsSync(join(root, source)) ? source : join("packages", source)
}

/** The name that a source gives to what it declares at a line: it may be exported under another one. */
const nameAt = (file: ts.SourceFile, line: number): string | undefined =>
  file.statements
    .filter((it) => {
      const [start, end] = [it.getStart(), it.getEnd()].map((at) => file.getLineAndCharacterOfPosition(at).line + 1)
      return start! <= line && line <= end!
    })
    .flatMap(namesOf)[0]

const isType = (statement: ts.Statement) => ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)

const printer = ts.createPrinter({ removeComments: true })

/** Members that a reader can do nothing with: private ones, marks of types, and what every object has. */
const isHidden = (member: ts.ClassElement | ts.TypeElement): boolean =>
  ts.getJSDocTags(member).some(({ tagName }) => /^(?:hidden|internal)$/.test(tagName.text)) ||
  (member.name !== undefined &&
    (ts.isPrivateIdentifier(member.name) ||
      /^\[?\w*TypeId\]?$|^["']~|^_[A-Z]?$|hasInstance|^toString$/.test(member.name.getText()) ||
      (ts.canHaveModifiers(member) && (ts.getModifiers(member) ?? []).some(({ kind }) => notForReaders.has(kind)))))

const notForReaders = new Set([ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword])

/** `class A extends A_base<...>` of the compiler, as the source has it. */
const heritageInSource = (source: ts.SourceFile | undefined, name: string): string | undefined => {
  const declared = source?.statements.find(
    (it): it is ts.ClassDeclaration => ts.isClassDeclaration(it) && it.name?.text === name
  )
  return declared?.heritageClauses?.map((clause) => clause.getText().replace("/*#__PURE__*/ ", "")).join(" ")
}

/** The text of a declaration, not yet formatted. */
const textOf = (statement: ts.Statement, declarations: ts.SourceFile, source: ts.SourceFile | undefined): string => {
  const print = (node: ts.Node) => printer.printNode(ts.EmitHint.Unspecified, node, declarations)
  if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
    const name = statement.name?.text ?? ""
    const parameters = statement.typeParameters?.map((it) => it.getText()).join(", ")
    const written = statement.heritageClauses?.map((clause) => clause.getText()).join(" ") ?? ""
    const heritage = written.includes("_base") ? (heritageInSource(source, name) ?? "") : written
    const members = [...statement.members].filter((member) => !isHidden(member)).map(print)
    const kind = ts.isClassDeclaration(statement) ? "declare class" : "interface"
    return `${kind} ${name}${parameters === undefined ? "" : `<${parameters}>`} ${heritage} {\n${members.join("\n")}\n}`
  }
  return print(statement)
    .replace(/^export /, "")
    .replace(/^(type|interface) /, "$1 ")
}

const formatted = async (text: string): Promise<string> => {
  const { code, errors } = await format("signature.d.ts", text, { printWidth: 76, semi: false, trailingComma: "none" })
  if (errors.length > 0) throw new Error(`${errors[0]!.message}:\n${text}`)
  return code.trimEnd()
}

/** The name of a member as a reader writes it, `[Symbol.iterator]` included. */
const nameOfMember = (member: ts.ClassElement | ts.TypeElement): string =>
  ts.isConstructorDeclaration(member) || ts.isConstructSignatureDeclaration(member)
    ? "constructor"
    : (member.name?.getText().replaceAll(/^\[Symbol\.|^\[|\]$|"/g, "") ?? "")

const dedent = (text: string) => text.replaceAll(/^ {2}/gm, "")

/** The members of a declaration that is formatted. */
const membersOf = (text: string): ReadonlyArray<MemberSignature> => {
  const file = ts.createSourceFile("formatted.d.ts", text, ts.ScriptTarget.Latest, true)
  const found = new Map<string, MemberSignature>()
  for (const statement of file.statements) {
    const members =
      ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)
        ? statement.members
        : ts.isTypeAliasDeclaration(statement) && ts.isTypeLiteralNode(statement.type)
          ? statement.type.members
          : []
    for (const member of members) {
      const name = nameOfMember(member)
      const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : []
      const isStatic = modifiers.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword)
      const before = found.get(`${isStatic} ${name}`)?.text
      const own = dedent(`  ${member.getText()}`).trim()
      found.set(`${isStatic} ${name}`, {
        name,
        static: isStatic,
        text: before === undefined ? own : `${before}\n${own}`
      })
    }
  }
  return [...found.values()]
}

const isExported = (statement: ts.Statement) =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

/** The types of a file that are not exported, as far as a text uses them, directly or by another of them. */
const helpersOf = (text: string, declarations: ts.SourceFile): ReadonlyArray<ts.Statement> => {
  const own = declarations.statements.filter((it) => isType(it) && !isExported(it))
  const used = new Set<ts.Statement>()
  const look = (inText: string) => {
    const words = new Set(inText.match(/\b[A-Z]\w*/g))
    for (const statement of own) {
      if (used.has(statement) || !namesOf(statement).some((name) => words.has(name))) continue
      used.add(statement)
      look(statement.getText())
    }
  }
  look(text)
  return [...used]
}

/**
 * The signature of what a source declares at a line, under the name it is exported with. `undefined` where the built packages have
 * no such declaration.
 */
export const signatureAt = async (
  path: string,
  line: number,
  name: string,
  type: boolean
): Promise<Signature | undefined> => {
  const source = parse(join(root, path))
  const declarations = parse(join(root, path.replace("/src/", "/dist/").replace(/\.ts$/, ".d.ts")))
  if (declarations === undefined) return undefined
  const declared = (of: string) => {
    const all = declarations.statements.filter((it) => namesOf(it).includes(of))
    // A class that is exported as a type is a class all the same.
    const wanted = all.filter((it) => isType(it) === type)
    return wanted.length > 0 ? wanted : all
  }
  const own = declared(name)
  const inSource = own.length > 0 || source === undefined ? name : (nameAt(source, line) ?? name)
  const statements = own.length > 0 ? own : declared(inSource)
  if (statements.length === 0) return undefined
  const texts = statements.map((it) => textOf(it, declarations, source))
  const renamed = inSource === name ? texts : texts.map((it) => it.replace(new RegExp(`\\b${inSource}\\b`), name))
  const whole = await formatted(renamed.join("\n"))
  const text = whole.replaceAll(/^declare /gm, "")
  const helpers = helpersOf(whole, declarations).map((it) => textOf(it, declarations, source))
  return { text, helpers: await formatted(helpers.join("\n\n")), members: membersOf(whole) }
}
