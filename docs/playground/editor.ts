/** The editor of the playground, which only its page loads. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands"
import { javascript } from "@codemirror/lang-javascript"
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language"
import { EditorState, Prec } from "@codemirror/state"
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view"
import { classHighlighter } from "@lezer/highlight"

export interface EditorOptions {
  readonly parent: any
  readonly text: string
  /** Ids of the elements that name the editor, and that say how it is left. */
  readonly labelledBy: string
  readonly describedBy: string
  readonly onChange: (text: string) => void
  readonly onRun: () => void
}

export interface Editor {
  readonly setText: (text: string) => void
  readonly destroy: () => void
}

// Colours are the page's, see Playground.vue: `classHighlighter` only says what a word is.
const theme = EditorView.theme({
  "&": { height: "100%", fontSize: "14px", backgroundColor: "var(--vp-code-block-bg)", color: "var(--vp-c-text-1)" },
  ".cm-scroller": { fontFamily: "var(--vp-font-family-mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--vp-c-text-1)" },
  ".cm-cursor": { borderLeftColor: "var(--vp-c-text-1)" },
  ".cm-gutters": { backgroundColor: "var(--vp-code-block-bg)", color: "var(--vp-c-text-2)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--playground-line)" },
  "&.cm-focused": { outline: "2px solid var(--vp-c-brand-1)", outlineOffset: "-2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--playground-selection)"
  },
  ".cm-matchingBracket.cm-matchingBracket": { backgroundColor: "var(--playground-selection)" }
})

export const makeEditor = (options: EditorOptions): Editor => {
  const { describedBy, labelledBy, onChange, onRun, parent, text } = options
  const run = keymap.of([{ key: "Mod-Enter", run: () => (onRun(), true), preventDefault: true }])
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(run),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("  "),
        bracketMatching(),
        highlightActiveLine(),
        javascript({ typescript: true }),
        syntaxHighlighting(classHighlighter),
        // Tab indents; Escape before it leaves the editor, which CodeMirror does by itself.
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        theme,
        EditorView.contentAttributes.of({
          "aria-labelledby": labelledBy,
          "aria-describedby": describedBy,
          tabindex: "0"
        }),
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && onChange(state.doc.toString()))
      ]
    })
  })
  return {
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    destroy: () => view.destroy()
  }
}
