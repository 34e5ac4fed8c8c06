/**
 * A table of any length, of which only what can be seen is in the document. It is used with the keyboard as a tree or a grid of ARIA is.
 */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions
} from "@tanstack/virtual-core"
import type { ComponentChildren, JSX } from "preact"
import { useCallback, useContext, useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks"
import { Place, viewOf } from "./place.ts"

export interface GridColumn<T> {
  readonly key: string
  readonly title: string
  readonly hint?: string
  readonly isNumber?: boolean
  readonly isSortable?: boolean
  readonly cell: (row: T, at: number) => ComponentChildren
}

export interface GridProps<T> {
  readonly label: string
  readonly kind: "grid" | "treegrid"
  /** A class, by which the style sheet knows how wide the columns are. */
  readonly layout: string
  readonly columns: ReadonlyArray<GridColumn<T>>
  readonly rows: ReadonlyArray<T>
  readonly idOf: (row: T) => number
  readonly selected: number | undefined
  readonly onSelect: (id: number) => void
  readonly onOpen: (id: number) => void
  readonly sorted?: { readonly column: string; readonly descending: boolean } | undefined
  readonly onSort?: (column: string) => void
  /** Of a tree: how deep a row is, from 0, and whether it is open, if it can be. */
  readonly depthOf?: (at: number) => number
  readonly isOpen?: (row: T) => boolean | undefined
  readonly setOpen?: (row: T, isOpen: boolean) => void
  readonly empty: ComponentChildren
}

const headerHeight = 36
/** As high as the style sheet makes them. */
const useRowHeight = (): number => {
  const page = useContext(Place)
  const narrow = useMemo(() => viewOf(page).matchMedia("(max-width: 640px)"), [page])
  return narrow.matches ? 48 : 34
}
/** Browsers draw nothing below some millions of pixels. */
const mostRows = 300_000

const useVirtual = (count: number, height: number) => {
  const scroller = useRef<HTMLDivElement>(null)
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  // It is asked for each row, and the same function for the same height: then what was computed of it stays.
  const estimateSize = useCallback(() => height, [height])
  const options: VirtualizerOptions<HTMLDivElement, HTMLDivElement> = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize,
    paddingStart: headerHeight,
    scrollPaddingStart: headerHeight,
    overscan: 8,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined)
  }
  const kept = useRef<Virtualizer<HTMLDivElement, HTMLDivElement>>(undefined)
  const virtual = (kept.current ??= new Virtualizer(options))
  virtual.setOptions(options)
  useLayoutEffect(() => virtual._didMount(), [])
  useLayoutEffect(() => virtual._willUpdate())
  return { scroller, virtual }
}

export const Grid = <T,>(props: GridProps<T>): JSX.Element => {
  const { columns, idOf, kind, layout, rows, selected } = props
  const count = Math.min(rows.length, mostRows)
  const height = useRowHeight()
  const { scroller, virtual } = useVirtual(count, height)
  const at = selected === undefined ? -1 : placeOf(props, selected)

  const select = (index: number) => {
    const row = rows[Math.max(0, Math.min(count - 1, index))]
    if (row === undefined) return
    props.onSelect(idOf(row))
    virtual.scrollToIndex(Math.max(0, Math.min(count - 1, index)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headerHeight) / height) - 1)
    const row = rows[at]
    const isOpen = row === undefined ? undefined : props.isOpen?.(row)
    const moves: Record<string, () => void> = {
      ArrowDown: () => select(at + 1),
      ArrowUp: () => select(at < 0 ? 0 : at - 1),
      PageDown: () => select(at + page),
      PageUp: () => select(at - page),
      Home: () => select(0),
      End: () => select(count - 1),
      Enter: () => row !== undefined && props.onOpen(idOf(row)),
      ArrowRight: () => row !== undefined && isOpen === false && props.setOpen?.(row, true),
      ArrowLeft: () => {
        if (row === undefined || props.depthOf === undefined) return
        if (isOpen === true) return props.setOpen?.(row, false)
        // To whom it is below.
        const depth = props.depthOf(at)
        for (let above = at - 1; above >= 0; above--) if (props.depthOf(above) < depth) return select(above)
      }
    }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    move()
  }

  return (
    <div
      ref={scroller}
      class={`grid ${layout}`}
      role={kind}
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at >= 0 ? `row-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div class="grid-all" style={{ height: `${virtual.getTotalSize()}px` }} role="presentation">
        <div class="grid-row grid-head" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <Head key={column.key} column={column} {...props} />
          ))}
        </div>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          const id = idOf(row)
          return (
            <div
              key={id}
              id={`row-${id}`}
              class="grid-row"
              role="row"
              style={{ transform: `translateY(${start}px)` }}
              aria-rowindex={index + 2}
              aria-selected={id === selected}
              aria-level={props.depthOf === undefined ? undefined : props.depthOf(index) + 1}
              aria-expanded={props.isOpen?.(row)}
              onClick={() => {
                props.onSelect(id)
                props.onOpen(id)
              }}
            >
              {columns.map((column) => (
                <div
                  key={column.key}
                  class={`cell cell-${column.key}${column.isNumber ? " number" : ""}`}
                  role="gridcell"
                >
                  {column.cell(row, index)}
                </div>
              ))}
            </div>
          )
        })}
      </div>
      {rows.length === 0 && <div class="empty">{props.empty}</div>}
      {rows.length > count && (
        <div class="more">The first {count.toLocaleString("en")} are shown: search for fewer.</div>
      )}
    </div>
  )
}

/** Where a row is. The rows around the one that was selected last are the likeliest. */
const placeOf = <T,>({ idOf, rows }: GridProps<T>, id: number): number => rows.findIndex((row) => idOf(row) === id)

const Head = <T,>({ column, onSort, sorted }: GridProps<T> & { readonly column: GridColumn<T> }): JSX.Element => {
  const isSorted = sorted?.column === column.key
  const direction = sorted?.descending === true ? "descending" : "ascending"
  const isSortable = column.isSortable === true && onSort !== undefined
  return (
    <div
      class={`cell cell-${column.key}${column.isNumber ? " number" : ""}`}
      role="columnheader"
      title={column.hint}
      aria-sort={isSortable ? (isSorted ? direction : "none") : undefined}
    >
      {isSortable ? (
        <button type="button" class="sort" onClick={() => onSort(column.key)}>
          {column.title}
          <span class="arrow" aria-hidden="true">
            {isSorted ? (direction === "descending" ? "↓" : "↑") : ""}
          </span>
        </button>
      ) : (
        column.title
      )}
    </div>
  )
}
