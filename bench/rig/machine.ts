import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { percentile } from './spread.ts'

/** What the figures were measured on. */
export interface Machine {
  cpu: string
  cores: number
  memoryGib: number
  kernel: string
  /** Processes that wanted a core in the minute before the run; near 0 on a quiet machine. */
  loadBefore: number
  /** Median of appending 8 KiB and `fdatasync`. */
  syncMs: number
  node: string
  sqlite: string
  postgres: string | null
}

export function machineOf(folder: string, postgres: string | null): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadBefore: loadavg()[0] ?? 0,
    syncMs: syncMs(folder),
    node: process.versions.node,
    sqlite: process.versions.sqlite ?? 'unknown',
    postgres,
  }
}

function syncMs(parent: string): number {
  const folder = mkdtempSync(join(parent, 'calltrail-bench-sync-'))
  try {
    const fd = openSync(join(folder, 'probe'), 'w')
    const page = Buffer.alloc(8192, 1)
    const times = Array.from({ length: 50 }, () => {
      const startedMs = performance.now()
      writeSync(fd, page)
      fdatasyncSync(fd)
      return performance.now() - startedMs
    })
    closeSync(fd)
    return percentile(times, 50)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export function machineLine(machine: Machine): string {
  const { cpu, cores, memoryGib, kernel, loadBefore, syncMs, node, sqlite, postgres } = machine
  const theirs = postgres === null ? 'without PostgreSQL' : `PostgreSQL ${postgres}`
  return (
    `${cpu}, ${cores} cores, ${memoryGib} GiB, kernel ${kernel}, load ${loadBefore.toFixed(1)} before the run, ` +
    `fdatasync ${syncMs.toFixed(2)} ms; Node ${node} with SQLite ${sqlite}; ${theirs}`
  )
}

/** What to say of a machine that has other things to do; null when it is quiet. */
export function busyWarning({ loadBefore, cores }: Pick<Machine, 'loadBefore' | 'cores'>): string | null {
  if (loadBefore < cores / 4) return null
  return `Something else runs here (load ${loadBefore.toFixed(1)}): the figures will be worse than the machine allows.`
}
