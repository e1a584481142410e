import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { describe, it } from 'node:test'

const SRC = resolve(import.meta.dirname, '../src')

/** Which folder may import which. A new arrow is a change to this table. */
const MAY_IMPORT: Record<string, string[]> = {
  record: [],
  config: [],
  rating: ['record'],
  center: ['record'],
  store: ['record'],
  dialect: ['record', 'center', 'store'],
  ingest: ['record', 'rating', 'center', 'store'],
  http: ['record', 'config', 'store', 'ingest', 'dialect'],
  cli: ['record', 'rating', 'center', 'store', 'ingest', 'dialect', 'config', 'http'],
}

/** Folders whose parts never import one another. */
const SIBLINGS = [
  'dialect/native',
  'dialect/plivo',
  'dialect/plivo-legacy',
  'dialect/nectardesk',
  'dialect/portsip',
  'ingest/freeswitch',
  'ingest/asterisk',
  'ingest/portsip',
  'store/sqlite',
]

/** Run as a process of its own, not imported. */
const BENCH = '../bench/run.ts'

interface Import {
  from: string
  to: string
}

/** Every relative import under src/, as paths below it; a unit test may use what test/support has. */
function imports(): Import[] {
  const files = globSync('**/*.ts', { cwd: SRC }).filter((file) => !file.endsWith('.test.ts'))
  return files.flatMap((file) => {
    const text = readFileSync(resolve(SRC, file), 'utf8')
    const targets = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]|new URL\(\s*['"](\.[^'"]+\.ts)['"]/g)
    return [...targets].map(([, imported, url]) => ({
      from: file.split(sep).join('/'),
      to: relative(SRC, resolve(SRC, dirname(file), (imported ?? url) as string))
        .split(sep)
        .join('/'),
    }))
  })
}

const folderOf = (path: string) => path.split('/')[0] as string
const siblingOf = (path: string) => SIBLINGS.find((sibling) => path.startsWith(`${sibling}/`))

describe('imports under src/', () => {
  it('go one way', () => {
    const wrong = imports()
      .filter(({ from, to }) => from !== 'main.ts' && to !== BENCH)
      .map(({ from, to }) => ({ from: folderOf(from), to: folderOf(to) }))
      .filter(({ from, to }) => from !== to && !MAY_IMPORT[from]?.includes(to))
      .map(({ from, to }) => `${from} must not import ${to}`)
    assert.deepEqual([...new Set(wrong)], [])
  })

  it('never lead from one dialect, source or engine to another', () => {
    const wrong = imports()
      .filter(({ from, to }) => {
        const [a, b] = [siblingOf(from), siblingOf(to)]
        return a !== undefined && b !== undefined && a !== b && folderOf(a) === folderOf(b)
      })
      .map(({ from, to }) => `${from} must not import ${to}`)
    assert.deepEqual(wrong, [])
  })

  it('never lead to main.ts', () => {
    assert.deepEqual(
      imports().filter(({ to }) => to === 'main.ts'),
      [],
    )
  })

  it('are all seen: the folders that exist are the folders of the table', () => {
    const folders = new Set(globSync('*/', { cwd: SRC }).map((folder) => folder.replace(/\/$/, '')))
    assert.deepEqual([...folders].sort(), Object.keys(MAY_IMPORT).sort())
  })
})
