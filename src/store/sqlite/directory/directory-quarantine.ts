import { hash } from 'node:crypto'
import type { NumberingPlan } from '../../../record/phone.ts'
import type { Directory, Quarantined, QuarantineEntry } from '../../directory.ts'
import { erasedInTexts } from '../forgetting/erased-in-text.ts'
import type { DirectoryFile } from './directory-file.ts'

/** A page ends early past this much of raw records: one of them may be as long as a request. */
const PAGE_BYTES = 16 * 1024 * 1024
const COLUMNS = 'id, source, account_id, arrived_at_us, origin, field, reason, raw'

type Quarantine = Pick<
  Directory,
  'quarantine' | 'quarantined' | 'quarantinedById' | 'dropQuarantined' | 'forgetQuarantined' | 'dropQuarantinedBefore'
>

/**
 * The quarantine, on disk; only the number of entries of each account is held in memory. `planOf` says how an account
 * writes numbers; null for one that is not there.
 */
export function quarantineTable(
  { db, change }: DirectoryFile,
  planOf: (accountId: string) => NumberingPlan | null,
): Quarantine {
  const totals = new Map<string | null, number>()
  const addTotal = (accountId: string | null, more: number) =>
    totals.set(accountId, (totals.get(accountId) ?? 0) + more)
  for (const row of db.prepare('SELECT account_id, count(*) AS n FROM quarantine GROUP BY account_id').iterate())
    addTotal(row.account_id as string | null, row.n as number)
  const insert = db.prepare(
    `INSERT INTO quarantine (source, account_id, arrived_at_us, origin, field, reason, raw, mark)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM quarantine_forgotten WHERE mark = ?8)
       ON CONFLICT (mark) DO NOTHING`,
  )
  const all = db.prepare(`SELECT ${COLUMNS} FROM quarantine WHERE id < ? ORDER BY id DESC LIMIT ?`)
  const ofAccount = db.prepare(
    `SELECT ${COLUMNS} FROM quarantine WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  )
  const byId = db.prepare(`SELECT ${COLUMNS} FROM quarantine WHERE id = ?`)
  const drop = db.prepare('DELETE FROM quarantine WHERE id = ? RETURNING account_id')
  const before = db.prepare('SELECT id FROM quarantine WHERE account_id = ? AND arrived_at_us < ?')
  const forget = db.prepare('INSERT OR IGNORE INTO quarantine_forgotten SELECT mark FROM quarantine WHERE id = ?')
  const dropAll = (ids: readonly number[], each: (id: number) => void): number => {
    if (ids.length === 0) return 0
    const dropped = change(() =>
      ids.flatMap((id) => {
        each(id)
        return drop.all(id) as { account_id: string | null }[]
      }),
    )
    for (const { account_id: accountId } of dropped) addTotal(accountId, -1)
    return dropped.length
  }
  return {
    quarantine(entries) {
      if (entries.length === 0) return []
      // An erasure begins before it looks through the quarantine: whatever is added before that, it finds.
      const { kept, added } = change(() => {
        const holdsErased = erasedInTexts(db, planOf)
        const kept = entries.map((entry) => holdsErased === null || !holdsErased(textsOf(entry)))
        const added = entries.filter((entry, at) => kept[at] && insert.run(...valuesOf(entry)).changes > 0)
        return { kept, added }
      })
      for (const { accountId } of added) addTotal(accountId, 1)
      return kept
    },
    quarantined({ accountId, limit, beforeId = Number.MAX_SAFE_INTEGER }) {
      const rows = accountId === null ? all.iterate(beforeId, limit) : ofAccount.iterate(accountId, beforeId, limit)
      const entries: Quarantined[] = []
      let bytes = 0
      for (const row of rows as Iterable<unknown>) {
        entries.push(readEntry(row as QuarantineRow))
        bytes += (row as QuarantineRow).raw.length
        if (bytes >= PAGE_BYTES) break
      }
      const total = accountId === null ? sum(totals.values()) : (totals.get(accountId) ?? 0)
      return { entries, total }
    },
    quarantinedById(id) {
      const row = byId.get(id) as QuarantineRow | undefined
      return row === undefined ? null : readEntry(row)
    },
    dropQuarantined: (ids) => dropAll(ids, () => {}),
    dropQuarantinedBefore({ accountId, beforeUs, dryRun }) {
      const ids = before.all(accountId, beforeUs).map(({ id }) => Number(id))
      return dryRun ? ids.length : dropAll(ids, () => {})
    },
    forgetQuarantined: (ids) => dropAll(ids, (id) => forget.run(id)),
  }
}

function valuesOf(entry: QuarantineEntry) {
  const { source, accountId, arrivedAtUs, origin, field, reason, raw } = entry
  return [source, accountId, arrivedAtUs, origin, field, reason, Buffer.from(raw), markOf(entry)] as const
}

function textsOf({ accountId, raw, origin, field, reason, beganAtUs = null }: QuarantineEntry) {
  return { accountId, texts: [raw, origin ?? '', field ?? '', reason], beganAtUs }
}

/** Equal for two arrivals of one record, from the same place of the same file where it was one. */
function markOf({ source, accountId, origin, raw }: Omit<Quarantined, 'id'>): string {
  return hash('sha256', JSON.stringify([source, accountId, origin, raw]), 'base64')
}

interface QuarantineRow {
  id: number
  source: string
  account_id: string | null
  arrived_at_us: number
  origin: string | null
  field: string | null
  reason: string
  raw: Uint8Array
}

function readEntry(row: QuarantineRow): Quarantined {
  return {
    id: row.id,
    source: row.source,
    accountId: row.account_id,
    arrivedAtUs: row.arrived_at_us,
    origin: row.origin,
    field: row.field,
    reason: row.reason,
    raw: Buffer.from(row.raw).toString(),
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
