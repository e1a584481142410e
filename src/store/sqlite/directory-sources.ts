import type { Directory, Source, SourceKind, SourceRule } from '../directory.ts'
import { checkSource } from '../source-check.ts'
import type { DirectoryFile } from './directory-file.ts'
import { frozen } from './frozen.ts'

type Sources = Pick<Directory, 'sources' | 'source' | 'putSource' | 'deleteSource'>

/** The sources, held in memory; listed by name. */
export function sourceTable(
  { db, change }: DirectoryFile,
  { now, isAccount }: { now: () => number; isAccount: (id: string) => boolean },
): Sources {
  const held = new Map<string, Source>()
  for (const row of db.prepare('SELECT * FROM sources').iterate()) {
    const source = readSource(row as unknown as SourceRow)
    held.set(source.name, source)
  }
  const put = db.prepare(
    'INSERT OR REPLACE INTO sources (name, kind, time_zone, rules, created_at_us) VALUES (?, ?, ?, ?, ?)',
  )
  const drop = db.prepare('DELETE FROM sources WHERE name = ?')
  return {
    sources: () => [...held.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
    source: (name) => held.get(name) ?? null,
    putSource({ name, kind, timeZone, rules }) {
      checkSource({ name, kind, timeZone, rules }, isAccount)
      const createdAtUs = held.get(name)?.createdAtUs ?? now()
      const kept = rules.map(({ match, value, accountId }) => ({ match, value, accountId }))
      const source = frozen({ name, kind, timeZone, rules: kept, createdAtUs })
      change(() => put.run(name, kind, timeZone, JSON.stringify(kept), createdAtUs))
      held.set(name, source)
      return source
    },
    deleteSource(name) {
      if (!held.has(name)) return false
      change(() => drop.run(name))
      held.delete(name)
      return true
    },
  }
}

interface SourceRow {
  name: string
  kind: string
  time_zone: string
  rules: string
  created_at_us: number
}

function readSource(row: SourceRow): Source {
  return frozen({
    name: row.name,
    kind: row.kind as SourceKind,
    timeZone: row.time_zone,
    rules: JSON.parse(row.rules) as SourceRule[],
    createdAtUs: row.created_at_us,
  })
}
