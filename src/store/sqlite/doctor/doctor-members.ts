import type { DatabaseSync } from 'node:sqlite'
import type { FileNames } from '../folder/migrate.ts'
import { ROW_COLUMNS, type Row } from '../row/row-columns.ts'
import { rowFacts } from '../row/row-facts.ts'
import { rowHead, rowSource } from '../row/row-head.ts'
import { CENTER_COLUMNS, centerColumns } from '../row/row-members.ts'
import { placedOf } from '../segments/call-file.ts'
import { type ExaminedFile, type Finding, ok, withFile } from './doctor-finding.ts'

const COLUMNS = [...ROW_COLUMNS, ...CENTER_COLUMNS].join(', ')

/** What lists and look-ups find calls by says what the calls say: no entry is missing, wrong, or of no call. */
export function* examineMembers(names: FileNames, callFiles: readonly ExaminedFile[]): Generator<Finding, void> {
  for (const file of callFiles) yield* withFile(file, (db) => examineFile(db, { name: file.name, names }))
}

function* examineFile(db: DatabaseSync, { name, names }: { name: string; names: FileNames }): Generator<Finding> {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'member'").get() === undefined) return // of version 1
  db.exec('BEGIN') // what is written meanwhile is in both or in neither
  const { calls, entries, wrong, missing } = compared(db, names)
  const spare = Number(db.prepare('SELECT count(*) AS n FROM member').get()?.n) - (entries - missing)
  db.exec('COMMIT')
  const faults = [
    [missing, 'entries of calls are missing, so that lists by agent and the like leave them out'],
    [spare, 'entries are of no call, or say what it does not'],
    [wrong, 'calls are filed under other ids than their own'],
  ] as const
  for (const [count, what] of faults)
    if (count > 0)
      yield {
        check: 'members',
        level: 'problem',
        what: `${name}: ${count} ${what}`,
        todo: 'report it, with this output',
      }
  if (faults.every(([count]) => count === 0))
    yield ok('members', `${name}: ${entries} entries of ${calls} calls say what the calls say`)
}

function compared(db: DatabaseSync, names: FileNames) {
  const rows = db.prepare(`SELECT ${COLUMNS} FROM calls`)
  rows.setReturnArrays(true)
  const held = db.prepare(
    'SELECT flags FROM member WHERE account = ? AND kind = ? AND ref = ? AND started_at = ? AND id = ?',
  )
  const counts = { calls: 0, entries: 0, wrong: 0, missing: 0 }
  for (const row of rows.iterate() as unknown as Iterable<Row>) {
    const { account: ref, callUuid } = rowHead(row)
    const facts = rowFacts(row, names.sources.nameOf(rowSource(row)))
    const placed = placedOf(row, facts, { accountId: names.accounts.nameOf(ref), callUuid })
    const { account, startedAtUs, id, flags, members } = placed
    counts.calls += 1
    if (centerColumns(facts).some((value, at) => value !== row[ROW_COLUMNS.length + at])) counts.wrong += 1
    for (const [kind, of] of members) {
      counts.entries += 1
      if (held.get(account, kind, of, startedAtUs, id)?.flags !== flags) counts.missing += 1
    }
  }
  return counts
}
