import { parse } from 'csv-parse/sync'

const OPTIONS = { relax_quotes: true, relax_column_count: true, skip_empty_lines: false } as const

/**
 * The columns of each line; null for a line that is not CSV. Lines are parsed together, which is four times as fast,
 * and again one by one where a stray quote made one of them run into the next.
 */
export function parseMasterLines(lines: readonly string[]): (string[] | null)[] {
  if (lines.length === 0) return []
  const together = tryParse(lines.join('\n'))
  return together?.length === lines.length ? together : lines.map((line) => parseMasterLine(line))
}

function parseMasterLine(line: string): string[] | null {
  const rows = tryParse(line)
  return rows?.length === 1 ? (rows[0] ?? null) : null
}

function tryParse(text: string): string[][] | null {
  try {
    return parse(text, OPTIONS) as string[][]
  } catch {
    return null
  }
}
