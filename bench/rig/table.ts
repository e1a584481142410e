import type { Row } from './row.ts'
import type { Spread } from './spread.ts'

const HEAD = ['question', 'of', 'figure', 'Calltrail', 'PostgreSQL', 'ratio', 'budget', 'met']

/** Rows as cells: a figure is `median (min..max)`, and a question stands only in its first line. */
export function tableCells(rows: readonly Row[]): string[][] {
  return rows.map((row, at) => {
    const before = rows[at - 1]
    const first = before?.question !== row.question
    return [
      first ? row.question : '',
      first || before?.of !== row.of ? row.of : '',
      row.figure,
      spreadText(row.ours),
      spreadText(row.theirs),
      row.ratio === null ? '–' : `${number(row.ratio)}x`,
      row.budgets.map(({ text }) => text).join('; ') || '–',
      metText(row),
    ]
  })
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return '–'
  const { min, median, max } = spread
  return min === max ? number(median) : `${number(median)} (${number(min)}..${number(max)})`
}

/** Three digits that count, and no more: `12,300`, `4.51`, `0.0130`. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const rounded = Number(value.toPrecision(3))
  return Math.abs(rounded) >= 100 ? rounded.toLocaleString('en') : rounded.toPrecision(3)
}

function metText({ budgets }: Row): string {
  if (budgets.length === 0) return '–'
  const missed = budgets.filter(({ met }) => met === false)
  const told = budgets.filter(({ met }) => met !== null)
  if (told.length === 0) return '–'
  if (missed.length === 0) return told.length === budgets.length ? 'yes' : 'as far as told'
  return missed.length === budgets.length ? 'no' : `not ${missed.map(({ text }) => text).join('; ')}`
}

/** For a terminal: columns as wide as their widest cell. */
export function textTable(rows: readonly Row[]): string {
  const cells = [HEAD, ...tableCells(rows)]
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const write = (line: string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  const [head = [], ...lines] = cells
  return [write(head), rule, ...lines.map(write)].join('\n')
}

export function markdownTable(rows: readonly Row[]): string {
  const write = (line: string[]) => `| ${line.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [write(HEAD), `|${HEAD.map(() => '---').join('|')}|`, ...tableCells(rows).map(write)].join('\n')
}
