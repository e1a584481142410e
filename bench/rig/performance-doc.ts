import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Growth, growthMarkdown, withRunFigures } from './growth.ts'
import { type BenchResult, resultMarkdown } from './result.ts'

/**
 * The text with what stands between the two marks of a name changed. Throws when the marks are not there, once each.
 */
export function withBlock(text: string, change: (block: string) => string, name = 'bench'): string {
  const begin = `<!-- ${name}:begin -->`
  const end = `<!-- ${name}:end -->`
  const parts = text.split(begin)
  const [, rest = ''] = parts
  const ends = rest.split(end)
  if (parts.length !== 2 || ends.length !== 2) throw new Error(`the document needs ${begin} and ${end}, once each`)
  return `${parts[0]}${begin}\n${change(ends[0] as string).trim()}\n${end}${ends[1]}`
}

/**
 * A block of runs, each with its date, its machine and its table, and one run more at its end. What that run asked stands
 * in it alone from now on: other runs lose those rows, and one that has none left goes.
 */
export function withRun(block: string, { run, asks }: { run: string; asks: readonly string[] }): string {
  const kept = block
    .split(/^(?=Measured )/m)
    .map((section) => withoutRows(section, asks))
    .filter((section) => section !== null)
  return [...kept, run].map((section) => section.trim()).join('\n\n')
}

/** Null when no row is left. A row without a question goes on with the one above it. */
function withoutRows(section: string, asks: readonly string[]): string | null {
  const gone = new Set(asks.map((question) => question.replaceAll('|', '\\|')))
  let question = ''
  let rows = 0
  const lines = section.split('\n').filter((line) => {
    const [, first] = /^\| (.*?) ?\| /.exec(line) ?? []
    if (first === undefined || first === 'question') return true
    if (first !== '') question = first
    if (gone.has(question)) return false
    rows += 1
    return true
  })
  return rows === 0 ? null : lines.join('\n')
}

/**
 * Puts a run into docs/PERFORMANCE.md: in place of all runs of its size, or of what it asked again where that is only a
 * part; and its figures into docs/performance.json, of which the charts are drawn.
 */
export function writePerformanceDoc(result: BenchResult, { asks }: { asks: readonly string[] | 'everything' }): void {
  const docs = new URL('../../docs/', import.meta.url)
  const page = new URL('PERFORMANCE.md', docs)
  const figures = new URL('performance.json', docs)
  const kept = existsSync(figures) ? (JSON.parse(readFileSync(figures, 'utf8')) as Growth) : { runs: [] }
  const growth = withRunFigures(kept, result)
  const run = resultMarkdown(result)
  const change = (block: string) => (asks === 'everything' ? withWholeRun(block, run) : withRun(block, { run, asks }))
  const tables = withBlock(readFileSync(page, 'utf8'), change)
  writeFileSync(figures, `${JSON.stringify(growth, null, 2)}\n`)
  writeFileSync(
    page,
    withBlock(tables, () => growthMarkdown(growth), 'growth'),
  )
}

/** A block of runs with one that asked everything in place of those of its size. */
export function withWholeRun(block: string, run: string): string {
  const sizeOf = (section: string) => /^Measured \S+ with ([\d,]+) calls/.exec(section)?.[1]
  const kept = block.split(/^(?=Measured )/m).filter((section) => sizeOf(section) !== sizeOf(run))
  return [...kept, run]
    .map((section) => section.trim())
    .join('\n\n')
    .trim()
}
