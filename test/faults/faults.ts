import { spawnSync } from 'node:child_process'
import { existsSync, linkSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The calls that a rule can be about; `any` is all of them. `faults.c` says which functions each of them is. */
export type FaultyCall = 'open' | 'read' | 'write' | 'sync' | 'truncate' | 'rename' | 'unlink' | 'mkdir' | 'any'

type Errno = 'EIO' | 'ENOSPC' | 'EROFS' | 'EACCES' | 'EMFILE' | 'EDQUOT'

/** What becomes of a call; `faults.c` says what each means. */
export type Verdict = Errno | `late-${Errno}` | 'short' | `${'kill' | 'lose'}-${'before' | 'half' | 'after'}`

export interface Rule {
  verdict: Verdict
  calls: readonly FaultyCall[]
  /** Of the path below the folder, as a shell matches it, but that `*` matches slashes too. */
  files: string
  /** Calls that it lets pass first: none unless set. */
  after?: number
  /** How often it strikes: for ever unless set. */
  times?: number
}

/** Why no faults can be put under a program here; null where they can. */
export function whyNoFaults(): string | null {
  if (process.platform !== 'linux') return 'faults are put under a program by LD_PRELOAD, which is of Linux'
  return spawnSync('cc', ['--version']).status === 0 ? null : 'no C compiler is installed (.ci/run installs one)'
}

/** Builds the library into a folder, and returns its path. Throws with what the compiler says. */
function build(folder: string): string {
  const library = join(folder, 'faults.so')
  const source = join(import.meta.dirname, 'faults.c')
  const flags = ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror']
  const { status, stderr } = spawnSync('cc', [...flags, '-o', library, source, '-ldl', '-lpthread'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`faults.c does not compile: ${stderr}`)
  return library
}

/** Faults under the files of programs that are started with its `environment`. */
export class Faults {
  readonly environment: Record<string, string>
  readonly #own: string
  #told = 0
  #sets = 0

  /**
   * `folder` is an absolute path; calls on what lies in it can be made to fail. `journal`: writes that are not synced
   * can be lost, all of them (0), or some that this number chooses. `clock`: the programs' clock can be set.
   */
  constructor(folder: string, { journal = null, clock = false }: { journal?: number | null; clock?: boolean } = {}) {
    this.#own = mkdtempSync(join(tmpdir(), 'calltrail-faults-'))
    this.environment = {
      LD_PRELOAD: build(this.#own),
      FAULTS_FOLDER: folder,
      FAULTS_RULES: join(this.#own, 'rules'),
      FAULTS_STRUCK: join(this.#own, 'struck'),
      ...(journal === null ? {} : { FAULTS_JOURNAL: String(journal) }),
      ...(clock ? { FAULTS_CLOCK: '1' } : {}),
    }
    this.set([])
  }

  /** These rules, counting from now on, in place of all before; the programs' clock is `aheadS` ahead of the machine's. */
  set(rules: readonly Rule[], { aheadS = 0 } = {}): void {
    const lines = rules.map(
      ({ verdict, calls, files, after = 0, times = -1 }) =>
        `${verdict} ${calls.join(',')} ${files} ${after} ${times}\n`,
    )
    // Files that are kept are never taken for one another: a new one has another inode.
    const [kept, next] = [join(this.#own, `rules.${++this.#sets}`), join(this.#own, 'next')]
    writeFileSync(kept, `${lines.join('')}clock ${aheadS}\n`)
    linkSync(kept, next)
    renameSync(next, join(this.#own, 'rules'))
  }

  /** The calls that rules have struck since it was asked last: `fdatasync live.db-wal`. */
  struck(): string[] {
    const path = join(this.#own, 'struck')
    if (!existsSync(path)) return []
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const fresh = lines.slice(this.#told).map((line) => line.slice(line.indexOf(' ') + 1))
    this.#told = lines.length
    return fresh
  }

  remove(): void {
    rmSync(this.#own, { recursive: true })
  }
}
