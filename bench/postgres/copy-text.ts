import type { SqlValue } from '../../src/store/sqlite/row/row-columns.ts'

/** A line of PostgreSQL's COPY text format. */
export function copyLine(values: readonly SqlValue[]): string {
  return `${values.map(copyValue).join('\t')}\n`
}

function copyValue(value: SqlValue): string {
  if (value === null) return '\\N'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return SPECIAL.test(value) ? value.replace(EACH_SPECIAL, escaped) : value
  return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
}

const SPECIAL = /[\\\t\n\r]/
const EACH_SPECIAL = /[\\\t\n\r]/g
const escaped = (character: string) => ESCAPES[character] as string
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
