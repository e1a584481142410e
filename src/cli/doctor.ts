import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { NoBackupError } from '../store/sqlite/backup/backup-manifest.ts'
import { examineFolder } from '../store/sqlite/doctor/doctor.ts'
import { examineAccess, howToServe } from '../store/sqlite/doctor/doctor-files.ts'
import type { Finding } from '../store/sqlite/doctor/doctor-finding.ts'
import { closedTo } from '../store/sqlite/folder/entrance.ts'
import { FolderLockedError, folderPaths, lockFolder } from '../store/sqlite/folder/folder.ts'
import { UnusableFolderError } from '../store/sqlite/folder/folder-check.ts'
import { chosenBackup } from './chosen-backup.ts'
import { askStatus } from './control/control-client.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { findingLines, tally } from './finding-lines.ts'
import { addCommand, answer, type CommonOptions } from './host.ts'
import { configFor, type LocalHost } from './local-host.ts'
import type { Terminal } from './terminal.ts'

const HELP = `
It reads the files themselves, served or not, and changes nothing. Exit code 1: there is a problem.`

/** `calltrail doctor`: what is wrong with a data folder, and what to do. */
export function addDoctor(program: Command, { host, terminal }: { host: LocalHost; terminal: Terminal }): void {
  addCommand(program, 'doctor', 'examine a data folder and say what to do')
    .option('--full', 'read every call and every report, not a sample')
    .option('--backup <backup>', 'compare segments that have not changed since with a backup, byte by byte')
    .addHelpText('after', HELP)
    .action(async (options: CommonOptions & { full?: boolean; backup?: string }) => {
      const folder = resolve(configFor(options, host.environment).data)
      const closed = closedTo(folder)
      if (closed === null && !existsSync(folder)) throw wrongUsage(`there is no folder ${folder}`)
      // SQLite's checks take their time and hear no signal handler; there is nothing to be left in good order.
      for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
      const json = options.json === true
      const findings: Finding[] = []
      for await (const finding of examine(folder, {
        full: options.full === true,
        backup: backupOf(options.backup, host.cwd),
      })) {
        findings.push(finding)
        if (!json) await terminal.out(findingLines(finding))
      }
      const { problems, warnings, text } = tally(findings)
      await answer({ json, console: terminal }, { json: { folder, problems, warnings, findings }, text })
      host.exitCode = problems === 0 ? EXIT.done : EXIT.failed
    })
}

function backupOf(path: string | undefined, cwd: string): string | null {
  try {
    return path === undefined ? null : chosenBackup(resolve(cwd, path))
  } catch (error) {
    if (error instanceof NoBackupError) throw wrongUsage(error.message)
    throw error
  }
}

/**
 * A folder that nobody holds is held meanwhile, so that nothing in it changes. Of one that this user may not read nothing
 * else is said: what cannot be looked at would seem to be missing or damaged.
 */
async function* examine(folder: string, options: { full: boolean; backup: string | null }): AsyncGenerator<Finding> {
  const closed = [...examineAccess(folder)]
  yield* closed
  if (closed.length > 0) return
  const { meta } = folderPaths(folder)
  let lock: { release(): void } | null = null
  let isStill = false
  try {
    lock = existsSync(meta) ? lockFolder(folder) : null
    isStill = lock !== null
    yield { check: 'lock', level: 'ok', what: 'nobody serves the folder', todo: null }
  } catch (error) {
    if (error instanceof FolderLockedError) yield await whoServes(folder)
    else if (error instanceof UnusableFolderError) {
      // Whoever has a database open keeps its -shm beside it.
      isStill = !existsSync(`${meta}-shm`)
      yield { check: 'lock', level: 'warning', what: error.message, todo: howToServe(folder) }
    } else throw error
  }
  try {
    yield* examineFolder(folder, { ...options, isStill })
  } finally {
    lock?.release()
  }
}

async function whoServes(folder: string): Promise<Finding> {
  try {
    const status = await askStatus(folder)
    if (status !== null) {
      const what = `served at ${status.url} by process ${status.pid}, Calltrail ${status.version}`
      return { check: 'lock', level: 'ok', what, todo: null }
    }
  } catch (error) {
    const what = `a process holds the folder, and its control.sock does not answer: ${(error as Error).message}`
    return { check: 'lock', level: 'warning', what, todo: 'run the command as the user who serves the folder' }
  }
  return {
    check: 'lock',
    level: 'warning',
    what: 'a process holds the folder and takes no commands',
    todo: 'a command that works on the folder alone will end by itself; a server without control.sock is to be restarted',
  }
}
