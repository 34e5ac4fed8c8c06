// The text of the reference's pages.
import { MarkdownThemeContext } from "typedoc-plugin-markdown"
import {
  type Comment,
  type CommentDisplayPart,
  type DeclarationReflection,
  type ProjectReflection,
  type Reflection,
  ReflectionKind
} from "typedoc"
import { addressOfFile } from "../.vitepress/markdown/links.ts"
import type { MemberSignature, Signature } from "./declarations.ts"
import { type DocSection, docstringOf } from "./docstring.ts"
import { addressName, folderOf, isEntryPoint, original, typeOf, valueOf } from "./router.ts"

/** What a page needs that is found out before any is written. */
export interface Known {
  readonly signatures: ReadonlyMap<Reflection, Signature>
  readonly sources: ReadonlyMap<Reflection, Source>
}

/** Where something is declared. */
export interface Source {
  readonly path: string
  readonly line: number
}

/** `class`, `interface`, `type`, `function` or `value`, by the signature. */
const kindOf = (signature: string): string => {
  const [, word = ""] = /^(?:abstract )?(class|interface|type|function)\b/.exec(signature) ?? []
  // A constant whose type is that of a call.
  return word || (/^const \w+: (?:<|\(|\{\s*(?:<|\())/.test(signature) ? "function" : "value")
}

/** As a heading has it. */
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** The comment of a declaration: that of a function is its first signature's. */
export const commentOf = (reflection: DeclarationReflection): Comment | undefined =>
  reflection.comment ??
  reflection.signatures?.find(({ comment }) => comment !== undefined)?.comment ??
  reflection.getSignature?.comment

const plain = (parts: ReadonlyArray<CommentDisplayPart>): string => parts.map(({ text }) => text).join("")

/** The first paragraph on one line, as a table has it. */
const firstSentences = (text: string): string =>
  docstringOf(text)
    .summary.split(/\n\s*\n/)[0]!
    .replaceAll(/\s+/g, " ")

/** The first words of what `@stability` says, such as "unstable". */
const stabilityOf = (comment: Comment | undefined): string | undefined => {
  const tag = comment?.blockTags.find((it) => it.tag === "@stability")
  return tag === undefined ? undefined : /^[\w ]+/.exec(plain(tag.content).trim())?.[0]
}

const fence = (code: string, marks = ""): string => `\`\`\`ts${marks}\n${code}\n\`\`\``

/** What Vue would take for a tag or an expression. */
const inTable = (text: string): string => text.replaceAll("|", "\\|")

export const entryPointsOf = (project: ProjectReflection): ReadonlyArray<DeclarationReflection> =>
  (project.children ?? []).flatMap(({ children = [] }) => children.filter(isEntryPoint))

/** The categories of an entry point, with what is in them; a type that stands on a value's page is left out. */
export const categoriesOf = (
  entry: DeclarationReflection
): ReadonlyArray<{ readonly title: string; readonly members: ReadonlyArray<DeclarationReflection> }> =>
  (entry.categories ?? []).map(({ children, title }) => ({
    title: capital(title),
    members: (children as ReadonlyArray<DeclarationReflection>)
      .map(original)
      .filter((it) => valueOf(it) === undefined)
      .toSorted((a, b) => a.name.toLowerCase().localeCompare(b.name.toLowerCase()))
  }))

export class ReferencePage extends MarkdownThemeContext {
  known: Known = { signatures: new Map(), sources: new Map() }

  private text(comment: Comment | undefined): string {
    return comment === undefined ? "" : this.helpers.getCommentParts(comment.summary)
  }

  private link(reflection: Reflection, text = `\`${reflection.name}\``): string {
    return `[${text}](${this.urlTo(reflection)})`
  }

  /** A page of whatever the router has given one. */
  write(): string {
    const { model } = this.page
    if (model.kindOf(ReflectionKind.Project)) return this.sideBySide(model as ProjectReflection)
    if (isEntryPoint(model)) return this.entryPoint(model as DeclarationReflection)
    return this.declaration(model as DeclarationReflection)
  }

  // ---- one name ----------------------------------------------------------------------------------------------------

  private declaration(model: DeclarationReflection): string {
    const type = typeOf(model)
    const folder = folderOf(model.parent!)
    const comment = commentOf(model) ?? (type && commentOf(type))
    const { examples, sections, summary } = docstringOf(this.text(comment))
    const source = this.known.sources.get(model)
    const since = comment?.blockTags.find(({ tag }) => tag === "@since")
    const stability = stabilityOf(comment) ?? stabilityOf(model.parent!.comment)
    const badges = [
      `<Badge type="tip">${folder}</Badge>`,
      `<Badge type="info" text="${kindOf(this.known.signatures.get(model)?.text ?? "")}" />`,
      ...(since === undefined ? [] : [`<Badge type="info" text="since ${plain(since.content).trim()}" />`]),
      ...(stability === undefined ? [] : [`<Badge type="warning" text="${stability}" />`])
    ]
    return [
      "---",
      `title: ${JSON.stringify(`${model.name} · ${folder}`)}`,
      ...(source === undefined ? [] : [`source: ${source.path}`]),
      "---",
      "",
      `# ${model.name} ${badges.join(" ")}`,
      "",
      summary,
      "",
      ...this.signature([model, ...(type === undefined ? [] : [type])]),
      ...this.sections(examples),
      ...this.sections(sections),
      ...this.members(model),
      ...(type === undefined ? [] : this.members(type)),
      ...this.seeAlso(model, comment),
      ...(source === undefined
        ? []
        : [`<p class="source"><a href="${addressOfFile(source.path)}#L${source.line}">Source</a></p>`, ""])
    ].join("\n")
  }

  private sections(sections: ReadonlyArray<DocSection>): ReadonlyArray<string> {
    return sections.flatMap(({ heading, text }) => [`## ${heading}`, "", text, ""])
  }

  /** A block of code whose types are links to their pages: {@link linksToTypes} makes them of the mark. */
  private declared(text: string, model: DeclarationReflection): string {
    const words = new Set(text.match(/[A-Z]\w+/g))
    const named = ((model.parent as DeclarationReflection).children ?? []).map(original)
    const linked = named.filter((it) => words.has(it.name) && it.name !== model.name && valueOf(it) === undefined)
    const links = linked.map((it) => `${it.name}:${folderOf(it.parent!)}/${addressName(it)}`)
    return fence(text, links.length === 0 ? "" : ` types=${links.join(",")}`)
  }

  /** The block, and behind it the types in it that have no page. */
  private signature(models: ReadonlyArray<DeclarationReflection>): ReadonlyArray<string> {
    const found = models.flatMap((model) => this.known.signatures.get(model) ?? [])
    const text = found.map((it) => it.text).join("\n\n")
    if (text === "") return []
    const helpers = found.flatMap((it) => (it.helpers === "" ? [] : [it.helpers])).join("\n\n")
    const folded =
      helpers === "" ? [] : ["::: details Its other types", "", this.declared(helpers, models[0]!), "", ":::", ""]
    return [this.declared(text, models[0]!), "", ...folded]
  }

  private members(model: DeclarationReflection): ReadonlyArray<string> {
    const children =
      model.children ?? (model.type?.type === "reflection" ? (model.type.declaration.children ?? []) : [])
    const signatures = this.known.signatures.get(model)?.members ?? []
    const described = signatures.flatMap((signature) => {
      const child = children.find(
        ({ flags, kind, name }) =>
          flags.isStatic === signature.static &&
          (kind === ReflectionKind.Constructor ? "constructor" : name.replaceAll(/^\[|\]$/g, "")) === signature.name
      )
      const comment = child === undefined ? undefined : commentOf(child)
      return child === undefined || comment === undefined ? [] : [{ child, comment, signature }]
    })
    const groups = [
      { title: "Constructor", of: (it: Reflection) => it.kindOf(ReflectionKind.Constructor) },
      { title: "Methods", of: (it: Reflection) => it.kindOf(ReflectionKind.Method) && !it.flags.isStatic },
      { title: "Properties", of: (it: Reflection) => !it.kindOf(callable) && !it.flags.isStatic },
      { title: "Static members", of: (it: Reflection) => it.flags.isStatic && !it.kindOf(ReflectionKind.Constructor) }
    ]
    return groups.flatMap(({ of, title }) => {
      const inside = described.filter(({ child }) => of(child))
      if (inside.length === 0) return []
      return [
        `## ${title}`,
        "",
        ...inside.flatMap(({ child, comment, signature }) => this.member(model, child, comment, signature))
      ]
    })
  }

  private member(
    model: DeclarationReflection,
    child: DeclarationReflection,
    comment: Comment,
    { name, text }: MemberSignature
  ): ReadonlyArray<string> {
    const { examples, sections, summary } = docstringOf(this.text(comment))
    const anchor = this.router.getAnchor(child) ?? ""
    const called = child.kindOf(ReflectionKind.Method) ? `${name}()` : name
    return [
      ...(child.kindOf(ReflectionKind.Constructor) ? [] : [`### ${called} {#${anchor}}`, ""]),
      this.declared(text, model),
      "",
      summary,
      "",
      ...[...examples, ...sections].flatMap(({ heading, text: inside }) => [`**${heading}**`, "", inside, ""])
    ]
  }

  private seeAlso(model: DeclarationReflection, comment: Comment | undefined): ReadonlyArray<string> {
    const seen = (comment?.blockTags ?? []).filter(({ tag }) => tag === "@see")
    const folder = folderOf(model.parent!)
    const twins = entryPointsOf(this.page.project)
      .filter((entry) => entry !== model.parent && entry.name === model.parent!.name)
      .flatMap((entry) => (entry.children ?? []).filter((it) => it.name === model.name && valueOf(it) === undefined))
      .map((twin) => `The same in ${folderOf(twin.parent!)}: ${this.link(twin)}`)
    const lines = [
      ...seen.map(({ content }) => this.helpers.getCommentParts(content).trim().replaceAll(/\s+/g, " ")),
      ...twins,
      `[Everything in ${folder}](${this.urlTo(model.parent!)})`
    ]
    return ["## See also", "", ...lines.map((line) => `- ${line}`), ""]
  }

  // ---- indexes -----------------------------------------------------------------------------------------------------

  private entryPoint(entry: DeclarationReflection): string {
    const folder = folderOf(entry)
    const stability = stabilityOf(entry.comment)
    return [
      "---",
      `title: ${folder}`,
      "editLink: false",
      "outline: 2",
      "---",
      "",
      `# @effect-asyncio/${folder}${stability === undefined ? "" : ` <Badge type="warning" text="${stability}" />`}`,
      "",
      this.text(entry.comment) || fence(`import * as asyncio from "@effect-asyncio/${folder}"`),
      "",
      ...categoriesOf(entry).flatMap(({ members, title }) => [
        `## ${title}`,
        "",
        "| name | what it is |",
        "| --- | --- |",
        ...members.map(
          (it) =>
            `| ${this.link(it)} | ${inTable(firstSentences(this.text(commentOf(it) ?? (typeOf(it) && commentOf(typeOf(it)!)))))} |`
        ),
        ""
      ])
    ].join("\n")
  }

  /** Both packages in one table: who knows one finds the other's. */
  private sideBySide(project: ProjectReflection): string {
    const entries = entryPointsOf(project)
    const [core, compat] = ["core", "compat"].map((folder) => entries.find((it) => folderOf(it) === folder)!)
    const titles = [...new Set([...categoriesOf(core!), ...categoriesOf(compat!)].map(({ title }) => title))]
    const membersIn = (entry: DeclarationReflection, title: string) =>
      categoriesOf(entry).find((it) => it.title === title)?.members ?? []
    const everything = (entry: DeclarationReflection) => categoriesOf(entry).flatMap(({ members }) => members)
    const seen = new Set<string>()
    const tables = titles.map((title) => {
      const names = [...membersIn(core!, title), ...membersIn(compat!, title)].map(({ name }) => name)
      const rows = [...new Set(names)]
        .filter((name) => !seen.has(name) && seen.add(name))
        .toSorted((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()))
        .map((name) => {
          const [inCore, inCompat] = [core!, compat!].map((it) => everything(it).find((member) => member.name === name))
          const about = inCompat ?? inCore!
          const cell = (member: Reflection | undefined) => (member === undefined ? "" : this.link(member))
          return `| ${cell(inCompat)} | ${cell(inCore)} | ${inTable(firstSentences(this.text(commentOf(about) ?? (typeOf(about) && commentOf(typeOf(about)!)))))} |`
        })
      return { title, rows }
    })
    return [
      "---",
      "title: API",
      "editLink: false",
      "outline: 2",
      "---",
      "",
      "# API",
      "",
      "What the two packages have, side by side: compat for async functions, core for Effect. Beside them are",
      `${entries
        .filter((it) => it !== core && it !== compat)
        .map((it) => this.link(it, folderOf(it)))
        .join(", ")}.`,
      "",
      ...tables
        .filter(({ rows }) => rows.length > 0)
        .flatMap(({ rows, title }) => [
          `## ${title}`,
          "",
          '<div class="side-by-side">',
          "",
          "| async/await | Effect | what it is |",
          "| --- | --- | --- |",
          ...rows,
          "",
          "</div>",
          ""
        ])
    ].join("\n")
  }
}

const callable = [ReflectionKind.Method, ReflectionKind.Constructor]

/** The menu beside the pages of a package. */
export const menuOf = (entry: DeclarationReflection) => ({
  folder: folderOf(entry),
  categories: categoriesOf(entry).map(({ members, title }) => ({
    text: title,
    items: members.map((it) => ({ text: it.name, link: `/api/${folderOf(it.parent!)}/${addressName(it)}` }))
  }))
})

/** Where pages were before they had short addresses. */
export const movedPages = (project: ProjectReflection): ReadonlyArray<readonly [from: string, to: string]> => {
  const folders: Readonly<Record<number, string>> = {
    [ReflectionKind.Class]: "classes",
    [ReflectionKind.Interface]: "interfaces",
    [ReflectionKind.TypeAlias]: "type-aliases",
    [ReflectionKind.Function]: "functions",
    [ReflectionKind.Variable]: "variables"
  }
  return entryPointsOf(project).flatMap((entry) => {
    const old = `/api/${entry.parent!.name}/${entry.name}`
    const moved = (entry.children ?? [])
      .map(original)
      .map(
        (it) =>
          [
            `${old}/${folders[it.kind] ?? "variables"}/${it.name}`,
            `/api/${folderOf(it.parent!)}/${addressName(valueOf(it) ?? it)}`
          ] as const
      )
    return [[`${old}/`, `/api/${folderOf(entry)}/`] as const, ...moved]
  })
}
