import type { DatabaseSync } from 'node:sqlite'
import type { Json } from '../../../record/facts.ts'
import { hangupName } from '../../../record/hangup-codes.ts'
import { docCode, REFERRING } from './doc-codes.ts'
import { NO_TEXTS, type RowTexts } from './doc-value.ts'
import { ValueReader } from './doc-value-reader.ts'
import type { SqlValue } from './row-columns.ts'

const PURE = { deterministic: true, directOnly: true } as const
/** The columns that documents refer to. */
const TEXTS = 'from_number, to_number, trunk_id'

/**
 * Teaches a connection the functions that queries of facts in documents are compiled to. What they are given are columns
 * of a row and numbers of paths.
 */
export function addFactFunctions(db: DatabaseSync): void {
  db.function('fact', PURE, (doc, code) => factIn(doc, code, NO_TEXTS))
  db.function('fact_of', PURE, (doc, code, from, to, trunk) =>
    factIn(doc, code, { from: String(from ?? ''), to: String(to ?? ''), trunk: String(trunk ?? '') }),
  )
  db.function('fact_id', PURE, (doc, code) => firstIn(doc, code))
  db.function('fact_has', PURE, (doc, code, text) => Number(listIn(doc, code).includes(text as string)))
  db.function('hangup_name', PURE, (code) => (code === null ? null : hangupName(Number(code))))
}

/** The SQL of a fact that is a text, a number or a flag. */
export function factSql(path: string): string {
  return REFERRING.has(path) ? `fact_of(doc, ${codeOf(path)}, ${TEXTS})` : `fact(doc, ${codeOf(path)})`
}

/** The SQL of the id of a fact that has one. */
export function factIdSql(path: string): string {
  return `fact_id(doc, ${codeOf(path)})`
}

/** The SQL of whether a fact that is a list of texts has the one that the question mark stands for. */
export function factHasSql(path: string): string {
  return `fact_has(doc, ${codeOf(path)}, ?)`
}

function codeOf(path: string): number {
  const code = docCode(path)
  if (code === undefined) throw new Error(`${path} has no place in a row's document`)
  return code
}

type Given = SqlValue | bigint

/** A reader that stands before the value of an entry; null where the document has no such entry. */
function find(doc: Given, wanted: Given, texts: RowTexts): ValueReader | null {
  if (doc === null) return null
  const reader = new ValueReader(doc as Uint8Array, texts)
  while (reader.hasMore) {
    if (reader.octet() === wanted) return reader
    reader.skip()
  }
  return null
}

function factIn(doc: Given, code: Given, texts: RowTexts): SqlValue {
  return scalar(find(doc, code, texts)?.value() ?? null)
}

/** The first of a list of values: the id of what has one. */
function firstIn(doc: Given, code: Given): SqlValue {
  const reader = find(doc, code, NO_TEXTS)
  if (reader === null || (reader.enterList() ?? 0) === 0) return null
  return scalar(reader.value())
}

function listIn(doc: Given, code: Given): Json[] {
  const list = find(doc, code, NO_TEXTS)?.value() ?? null
  return Array.isArray(list) ? list : []
}

function scalar(value: Json): SqlValue {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'object' ? null : value
}
