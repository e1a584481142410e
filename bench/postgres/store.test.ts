import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import type { SettingsOf } from '../../src/store/call-store.ts'
import { describeCallStore, type Opened } from '../../test/conformance/call-store.ts'
import { Cluster, findPostgres } from './cluster.ts'
import { INDEXES, TABLES } from './schema.ts'
import { openPostgresStore } from './store.ts'

const DERIVE = new URL('../../test/support/derive-but-poison.ts', import.meta.url).href
const postgres = findPostgres()

// Figures of a store that answers something else would compare nothing, so it is held to what ours is held to.
if (postgres === null) it('CallStore on PostgreSQL', { skip: 'PostgreSQL is not installed' }, () => {})
else describeCallStore('PostgreSQL, for comparison', ({ settingsOf }) => openOn(postgres.bin, settingsOf))

async function openOn(bin: string, settingsOf: SettingsOf): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'calltrail-postgres-'))
  chmodSync(folder, 0o711)
  const cluster = await Cluster.start(bin, join(folder, 'cluster'))
  await cluster.query(TABLES, ...INDEXES)
  const open = () => openPostgresStore({ reach: cluster.reach, settingsOf, deriveModule: DERIVE })
  const opened: Opened = {
    store: await open(),
    async reopen() {
      await opened.store.close()
      opened.store = await open()
      return opened.store
    },
    async remove() {
      await opened.store.close()
      await cluster.stop()
      rmSync(folder, { recursive: true })
    },
  }
  return opened
}
