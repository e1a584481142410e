import { readFileSync, writeFileSync } from 'node:fs'

const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'

/** The text with what stands between the two marks changed. Throws when the marks are not there, once each. */
export function withBlock(text: string, change: (block: string) => string): string {
  const parts = text.split(BEGIN)
  const [, rest = ''] = parts
  const ends = rest.split(END)
  if (parts.length !== 2 || ends.length !== 2) throw new Error(`the document needs ${BEGIN} and ${END}, once each`)
  return `${parts[0]}${BEGIN}\n${change(ends[0] as string).trim()}\n${END}${ends[1]}`
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

/** Puts a run into docs/PERFORMANCE.md: in place of all runs, or of what it asked again where that is only a part. */
export function writePerformanceDoc(run: string, { asks }: { asks: readonly string[] | 'everything' }): void {
  const path = new URL('../../docs/PERFORMANCE.md', import.meta.url)
  const change = (block: string) => (asks === 'everything' ? run : withRun(block, { run, asks }))
  writeFileSync(path, withBlock(readFileSync(path, 'utf8'), change))
}
