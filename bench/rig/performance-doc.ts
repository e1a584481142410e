import { readFileSync, writeFileSync } from 'node:fs'

const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'

/** The text with what stands between the two marks replaced. Throws when the marks are not there, once each. */
export function withBlock(text: string, block: string): string {
  const parts = text.split(BEGIN)
  const [, rest = ''] = parts
  const ends = rest.split(END)
  if (parts.length !== 2 || ends.length !== 2) throw new Error(`the document needs ${BEGIN} and ${END}, once each`)
  return `${parts[0]}${BEGIN}\n${block.trim()}\n${END}${ends[1]}`
}

/** Puts the block into docs/PERFORMANCE.md. */
export function writePerformanceDoc(block: string): void {
  const path = new URL('../../docs/PERFORMANCE.md', import.meta.url)
  writeFileSync(path, withBlock(readFileSync(path, 'utf8'), block))
}
