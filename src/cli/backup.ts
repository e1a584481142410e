import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { BackupMade } from '../store/sqlite/backup/backup.ts'
import { BackupRunningError } from '../store/sqlite/backup/backup-run.ts'
import { bytesText } from './bytes-text.ts'
import { CommandError, EXIT, wrongUsage } from './exit.ts'
import { type At, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { makingNotice } from './making-notice.ts'
import { VERSION } from './version.ts'

const HELP = `
Makes a new folder in TARGET, named by the time, which holds every call acknowledged before and can be restored by itself.
Calls go on arriving. Files that have not changed since the last backup there take no room again (hard links).
  calltrail backup /mnt/backups
  calltrail verify /mnt/backups
docs/backup.md says how to restore one.`

/** `calltrail backup`: a copy of the data folder, served or not. */
export function addBackup(program: Command, host: Host): void {
  addCommand(program, 'backup <target>', 'back the data folder up into a new folder in TARGET')
    .option('--full', 'copy every file, also those that the last backup has')
    .addHelpText('after', HELP)
    .action((target: string, options: CommonOptions & { full?: boolean }) =>
      host.onFolder(options, {}, (at) => backUp(at, { target, full: options.full === true })),
    )
}

async function backUp(at: At, { target, full }: { target: string; full: boolean }): Promise<number> {
  const { calltrail, console, cwd, folder } = at
  const path = resolve(cwd, target)
  if (!relative(folder, path).startsWith('..'))
    throw wrongUsage(`${path} lies in the data folder: a backup there is lost with it`)
  const making = makingNotice(path)
  if (making !== null) console.say(making)
  try {
    const made = await calltrail.calls.backUp({
      target: path,
      full,
      calltrail: VERSION,
      signal: console.signal,
      onProgress: ({ doneBytes, totalBytes }) =>
        console.progress({
          done: doneBytes,
          total: totalBytes,
          note: `${bytesText(doneBytes)} of ${bytesText(totalBytes)}`,
        }),
    })
    console.progress(null)
    await answer(at, { json: asJson(made), text: asText(made) })
    return EXIT.done
  } catch (error) {
    if (error instanceof BackupRunningError) throw new CommandError(EXIT.inUse, error.message)
    if (console.signal.aborted) throw error
    throw new CommandError(EXIT.failed, `no backup was made: ${(error as Error).message}`)
  } finally {
    console.progress(null)
  }
}

function asJson({ path, no, takenAt, previous, files, bytes, copiedFiles, copiedBytes, heldMs }: BackupMade) {
  return {
    backup: path,
    no,
    taken_at: takenAt,
    previous,
    files,
    bytes,
    copied_files: copiedFiles,
    copied_bytes: copiedBytes,
    writer_held_ms: Math.round(heldMs * 10) / 10,
  }
}

function asText({ path, previous, files, bytes, copiedFiles, copiedBytes }: BackupMade): string {
  const shared = previous === null ? '' : `, ${files - copiedFiles} shared with ${previous}`
  return `${path}\n${files} files, ${bytesText(bytes)}: ${copiedFiles} copied, ${bytesText(copiedBytes)}${shared}\n`
}
