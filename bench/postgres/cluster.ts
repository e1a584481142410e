import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, appendFileSync, chownSync, constants, mkdirSync, readdirSync } from 'node:fs'
import { totalmem } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { MOST_WAL_BYTES } from '../rig/folder.ts'
import { Program } from '../rig/server-process.ts'

/** Where PostgreSQL's server programs are, and which version they are; null where there are none. */
export function findPostgres(): { bin: string; version: string } | null {
  const debian = '/usr/lib/postgresql'
  const versions = isThere(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...pathFolders()]
  const bin = folders.find((folder) => isThere(join(folder, 'initdb')) && isThere(join(folder, 'postgres')))
  if (bin === undefined) return null
  const said = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })
  return { bin, version: /\d+(\.\d+)*/.exec(said)?.[0] ?? said.trim() }
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
}

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Settings of a team that gave the server a machine like this one: a quarter of the memory as buffers, log enough that
 * a load is not throttled by checkpoints, costs of a solid-state disk. Everything that durability rests on is on, as it
 * is by default: an answer comes after the log was flushed.
 */
export function clusterSettings(memoryBytes: number): Record<string, string> {
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)}MB`
  return {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: mib(Math.min(memoryBytes / 4, 8 * 2 ** 30)),
    effective_cache_size: mib(memoryBytes / 2),
    maintenance_work_mem: '512MB',
    work_mem: '32MB',
    max_wal_size: mib(MOST_WAL_BYTES),
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    wal_compression: 'lz4',
    random_page_cost: '1.1',
    effective_io_concurrency: '200',
    jit: 'off',
    max_connections: '20',
  }
}

const USER = 'bench'

/** How its clients reach a cluster. */
export interface Reach {
  host: string
  port: number
  user: string
  database: string
}

/** A cluster of our own, reached by a Unix socket in its folder and by nothing else. */
export class Cluster {
  readonly reach: Reach
  readonly #bin: string
  readonly #data: string
  readonly #user: { uid: number; gid: number } | null
  #program: Program | null = null

  /** Makes the cluster in `folder`, which must not exist, and starts it. */
  static async start(bin: string, folder: string): Promise<Cluster> {
    const cluster = new Cluster(bin, folder)
    await cluster.start()
    return cluster
  }

  private constructor(bin: string, folder: string) {
    this.#bin = bin
    this.#data = join(folder, 'data')
    this.#user = serverUser()
    this.reach = { host: folder, port: 5432, user: USER, database: 'postgres' }
    mkdirSync(folder, { mode: 0o700 })
    if (this.#user !== null) chownSync(folder, this.#user.uid, this.#user.gid)
    const made = spawnSync(
      join(bin, 'initdb'),
      ['-D', this.#data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--data-checksums'],
      { ...(this.#user ?? {}), cwd: folder, encoding: 'utf8' },
    )
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr || made.error?.message}`)
    const settings = { ...clusterSettings(totalmem()), listen_addresses: '', unix_socket_directories: folder }
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`)
    appendFileSync(join(this.#data, 'postgresql.conf'), lines.join(''))
  }

  /** Starts the server unless it runs, and returns once it takes connections. */
  async start(): Promise<void> {
    if (this.#program !== null && !this.#program.hasEnded) return
    const program = new Program({
      file: join(this.#bin, 'postgres'),
      args: ['-D', this.#data],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      user: this.#user,
      lastSignal: 'SIGQUIT',
    })
    this.#program = program
    const deadline = performance.now() + 300_000
    for (;;) {
      if (await this.#takesConnections()) return
      if (program.hasEnded) throw new Error(program.whyEnded())
      if (performance.now() > deadline) throw new Error('PostgreSQL did not start within five minutes')
      await pause(5)
    }
  }

  /** Runs statements one after the other and gives the last one's rows. */
  async query(...statements: string[]): Promise<Record<string, unknown>[]> {
    const client = new Client(this.reach)
    await client.connect()
    let rows: Record<string, unknown>[] = []
    try {
      for (const statement of statements) rows = (await client.query(statement)).rows as Record<string, unknown>[]
    } finally {
      await client.end()
    }
    return rows
  }

  /** An immediate shutdown: every process ends without writing anything, and the next start recovers from the log. */
  async crash(): Promise<void> {
    await this.#program?.end('SIGQUIT')
  }

  /** Waits for the clients to leave: one that is shut out while it leaves takes that for an error. */
  async stop(): Promise<void> {
    await this.#program?.end('SIGTERM')
  }

  async #takesConnections(): Promise<boolean> {
    const client = new Client(this.reach)
    client.on('error', () => {}) // told again of what `connect` rejects with
    try {
      await client.connect()
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/** PostgreSQL does not run as root: the package's user then, or nobody. */
function serverUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  for (const name of ['postgres', 'nobody']) {
    const ids = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }))
    const [uid, gid] = ids.map(({ status, stdout }) => (status === 0 ? Number(stdout) : Number.NaN))
    if (uid !== undefined && gid !== undefined && uid > 0 && gid > 0) return { uid, gid }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it as')
}
