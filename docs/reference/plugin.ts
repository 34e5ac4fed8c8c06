// What TypeDoc writes the API reference with: typedoc.config.mjs names this file. TypeDoc reads the sources and resolves the links,
// typedoc-plugin-markdown runs through the pages, and what stands on them is in pages.ts.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  type MarkdownApplication,
  type MarkdownPageEvent,
  MarkdownRendererEvent,
  MarkdownTheme
} from "typedoc-plugin-markdown"
import { DeclarationReflection, ReferenceReflection, type Reflection, ReflectionKind } from "typedoc"
import { lineOf, type Signature, signatureAt, sourceOf } from "./declarations.ts"
import { entryPointsOf, menuOf, movedPages, ReferencePage, type Source } from "./pages.ts"
import { ShortRouter } from "./router.ts"

const types = [ReflectionKind.TypeAlias, ReflectionKind.Interface]

const signatures = new Map<Reflection, Signature>()
const sources = new Map<Reflection, Source>()

class ReferenceTheme extends MarkdownTheme {
  override render(page: MarkdownPageEvent<Reflection>): string {
    const context = new ReferencePage(this, page, this.application.options)
    context.known = { signatures, sources }
    return context.write()
  }
}

export const load = (app: MarkdownApplication): void => {
  app.renderer.defineRouter("short", ShortRouter)
  app.renderer.defineTheme("reference", ReferenceTheme)
  app.renderer.preMarkdownRenderAsyncJobs.push(async ({ project }) => {
    for (const it of entryPointsOf(project).flatMap(({ children = [] }) => children)) {
      // What two entries of a package export is declared once.
      const target = it instanceof ReferenceReflection ? it.tryGetTargetReflectionDeep() : undefined
      const declared = target instanceof DeclarationReflection ? target : it
      const source = declared.sources?.[0]
      if (source === undefined) continue
      const path = sourceOf(source.fileName)
      const line = lineOf(path, it.name) ?? source.line
      sources.set(it, { path, line })
      const found = await signatureAt(path, line, it.name, declared.kindOf(types))
      if (found === undefined) app.logger.warn(`${path}:${line}: ${it.name} is not in the built packages`)
      else signatures.set(it, found)
    }
  })
  app.renderer.on(MarkdownRendererEvent.END, ({ outputDirectory, project }: MarkdownRendererEvent) => {
    const site = { menus: entryPointsOf(project).map(menuOf), moved: movedPages(project) }
    writeFileSync(join(outputDirectory, "site.json"), JSON.stringify(site))
  })
}
