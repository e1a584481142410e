import { pino } from 'pino'
import { limitsOf, nowUs } from '../../src/cli/open.ts'
import { readConfig } from '../../src/config/config.ts'
import { buildApp } from '../../src/http/app.ts'
import { Pipeline } from '../../src/ingest/pipeline.ts'
import { openSqliteDirectory } from '../../src/store/sqlite/directory/directory.ts'
import { folderPaths } from '../../src/store/sqlite/folder/folder.ts'
import type { Reach } from './cluster.ts'
import { openPostgresStore } from './store.ts'

/**
 * Our own HTTP server, reader and validator over PostgreSQL, so that only the store differs. Settings come from the
 * environment as they do to ours; the first argument says how the cluster is reached. Accounts and keys are in a
 * directory of ours, which answers from memory.
 */
const config = readConfig(process.env)
const directory = openSqliteDirectory({ path: folderPaths(config.data).meta, now: nowUs })
const calls = await openPostgresStore({
  reach: JSON.parse(process.argv[2] ?? '') as Reach,
  deriveModule: new URL('../../src/ingest/derive.ts', import.meta.url).href,
  settingsOf: (accountId) => {
    const settings = directory.derivingSettings(accountId)
    if (settings === null) throw new Error(`there is no account ${accountId}`)
    return settings
  },
})
const app = await buildApp({
  calls,
  directory,
  pipeline: new Pipeline({ calls, directory, now: nowUs }),
  now: nowUs,
  limits: limitsOf(config),
  logger: pino({ level: config.logLevel as string }),
  trustedProxies: config.trustedProxies,
  bodyLimitBytes: config.bodyLimitMib * 1024 * 1024,
  tls: null,
  opsAccess: config.opsAccess,
  unreadAnswerS: config.unreadAnswerS,
})
const [host, port] = config.listen.split(':')
await app.listen({ host: host as string, port: Number(port) })
process.once('SIGTERM', async () => {
  await app.close()
  await calls.close()
  directory.close()
  process.exit(0)
})
