import type { SqlValue } from '../row/row-columns.ts'

/** SQL with a question mark for every value, and the values. No text of a request is ever part of the SQL. */
export interface Sql {
  text: string
  values: SqlValue[]
}

/** Pieces of SQL one behind the other. */
export function sql(...parts: (string | Sql)[]): Sql {
  let text = ''
  const values: SqlValue[] = []
  for (const part of parts) {
    if (typeof part === 'string') text += part
    else {
      text += part.text
      values.push(...part.values)
    }
  }
  return { text, values }
}
