import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { environmentName } from '../../src/config/config.ts'
import { SETTINGS } from '../rig/calltrail.ts'
import { makeDataFolder } from '../rig/folder.ts'
import type { Plan } from '../rig/plan.ts'
import { answering, freePort, Program } from '../rig/server-process.ts'
import { type Side, serverEnvironment } from '../rig/side.ts'
import { Cluster } from './cluster.ts'
import { INDEXES, TABLES, WITHOUT_INDEXES } from './schema.ts'

const FILL = fileURLToPath(new URL('./fill-process.ts', import.meta.url))
const SERVER = fileURLToPath(new URL('./server.ts', import.meta.url))

/** The other side: a cluster of its own and our HTTP server over it. */
export async function startPostgres(given: { bin: string; folder: string; plan: Plan }): Promise<Side> {
  const { bin, folder, plan } = given
  const data = join(folder, 'directory')
  makeDataFolder(data, plan)
  const cluster = await Cluster.start(bin, join(folder, 'cluster'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const env = serverEnvironment({
    ...SETTINGS,
    [environmentName('data')]: data,
    [environmentName('listen')]: `127.0.0.1:${port}`,
  })
  let program: Program | null = null
  const startServer = async () => {
    program = new Program({ file: execPath, args: [SERVER, JSON.stringify(cluster.reach)], env })
    await answering(program, `${origin}/calltrail/v1/calls?limit=1`, { authorization: `Bearer ${plan.big.key}` })
  }
  const server = () => program as Program
  try {
    await cluster.query(TABLES, ...INDEXES)
    await startServer()
  } catch (error) {
    await cluster.crash()
    throw error
  }
  const side: Side = {
    name: 'PostgreSQL',
    origin,
    get serverPid() {
      return server().pid
    },
    /** Before the indexes are made where there is nothing yet, as every manual of PostgreSQL advises. */
    async fill(stretch, { raw }) {
      await server().end('SIGTERM')
      const [calls] = await cluster.query('SELECT 1 FROM calls LIMIT 1')
      if (calls === undefined) await cluster.query(...WITHOUT_INDEXES)
      await new Program({
        file: execPath,
        args: [FILL, JSON.stringify({ reach: cluster.reach, plan, stretch, raw })],
        env,
      }).done()
      if (calls === undefined) await cluster.query(...INDEXES)
      await side.settle()
    },
    /** What autovacuum and the next checkpoint would have done. */
    async settle() {
      await cluster.query(
        ...['calls', 'call_members', 'raw_reports'].map((table) => `VACUUM (ANALYZE) ${table}`),
        'CHECKPOINT',
      )
    },
    async diskBytes() {
      const [row] = await cluster.query(
        `SELECT pg_total_relation_size('calls')::float8 + pg_total_relation_size('call_members') AS calls,
          pg_total_relation_size('raw_reports')::float8 AS raw`,
      )
      return { calls: row?.calls as number, raw: row?.raw as number }
    },
    async crash() {
      await Promise.all([server().end('SIGKILL'), cluster.crash()])
    },
    async start() {
      await cluster.start()
      await startServer()
    },
    async stop() {
      await server().end('SIGTERM')
      await cluster.stop()
    },
  }
  return side
}
