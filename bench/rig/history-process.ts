import { rmSync } from 'node:fs'
import { DAY_US, QUARTER_US } from '../../src/store/sqlite/folder/schema.ts'
import { INDEXES, markComplete, NUMBER_INDEXES, openBare, TABLES } from '../../src/store/sqlite/segments/bare-file.ts'
import { filterOf } from '../../src/store/sqlite/segments/filter-rows.ts'
import { saveFilter } from '../../src/store/sqlite/segments/identity-filter-file.ts'
import { draftPath, syncFile } from '../../src/store/sqlite/segments/segment-files.ts'
import type { SegmentCopy } from './history.ts'

/** Makes one copy of a segment, as a merge would have written it: in order of the key, pages full, indexes in bulk. */
const copy = JSON.parse(process.argv[2] ?? '') as SegmentCopy

const MOVED: Record<string, string> = {
  started_at: `started_at - ${copy.earlierUs}`,
  ended_at: `ended_at - ${copy.earlierUs}`,
  id: `id + ${copy.ids}`,
  seq: `seq + ${copy.seqs}`,
  uuid: 'another(uuid)',
}
const BUCKET_US: Record<string, number> = { quarters: QUARTER_US, days: DAY_US }

const draft = draftPath(copy.to)
const rows = openBare(draft)
rows.function('another', { deterministic: true }, (uuid) => {
  const other = Buffer.from(uuid as unknown as Uint8Array)
  other.writeUInt32LE((other.readUInt32LE(0) ^ Math.imul(copy.no, 0x9e37_79b1)) >>> 0, 0)
  return other
})
for (const table of TABLES) rows.exec(table)
rows.prepare('ATTACH ? AS base').run(copy.from)
for (const table of ['calls', 'member', 'span', 'quarters', 'days']) rows.exec(copying(table))
rows.exec('DETACH base')
rows.prepare('VACUUM INTO ?').run(copy.to)
rows.close()
rmSync(draft)

const db = openBare(copy.to)
for (const index of [...INDEXES, ...NUMBER_INDEXES]) db.exec(index)
markComplete(db)
const filter = filterOf(db)
db.close()
syncFile(copy.to)
saveFilter(copy.to, filter)

/** Rows come in the order of the key, so that each is put behind the last. */
function copying(table: string): string {
  const columns = rows
    .prepare(`SELECT name, pk FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name, pk }) => ({ name: String(name), pk: Number(pk) }))
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
  const bucketUs = BUCKET_US[table]
  const values = columns.map(({ name }) => {
    if (name === 'bucket' && bucketUs !== undefined) return `bucket - ${copy.earlierUs / bucketUs}`
    return table === 'calls' || table === 'member' ? (MOVED[name] ?? name) : name
  })
  return `INSERT INTO main.${table} (${columns.map(({ name }) => name).join(', ')})
    SELECT ${values.join(', ')} FROM base.${table} ORDER BY ${key.map(({ name }) => name).join(', ')}`
}
